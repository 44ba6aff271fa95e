//! The keys of a `setup.cfg`, whose values may go on in indented lines.

/// What a section says for a key, one line or several.
pub(super) fn value(text: &str, section: &str, key: &str) -> Option<String> {
    let mut is_inside = false;
    let mut found: Option<String> = None;
    for line in text.lines() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            if let Some(value) = &mut found {
                value.push('\n');
                value.push_str(bare);
            }
            continue;
        }
        if found.is_some() {
            break;
        }
        if let Some(name) = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_inside = name.trim() == section;
        } else if is_inside
            && let Some((name, value)) = bare.split_once('=')
            && name.trim().replace('-', "_") == key
        {
            found = Some(value.trim().to_owned());
        }
    }
    found
}

/// `a, b` and `a` above `b`.
pub(super) fn list(value: &str) -> Vec<String> {
    let parts = value.split(['\n', ',']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// What a section says for a key, as the list that it is.
#[must_use]
pub fn setup_cfg_list(text: &str, section: &str, key: &str) -> Vec<String> {
    value(text, section, &key.replace('-', "_")).map_or(Vec::new(), |value| list(&value))
}

/// The keys of a section, in their order.
#[must_use]
pub fn setup_cfg_keys(text: &str, section: &str) -> Vec<String> {
    let head = format!("[{section}]");
    let inside = text.lines().skip_while(|line| line.trim() != head).skip(1);
    let lines = inside.take_while(|line| !line.starts_with('['));
    let keys = lines.filter(|line| !line.starts_with([' ', '\t', '#', ';']));
    keys.filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned())).collect()
}
