//! The deploy step of a Procfile.

/// What `release:` runs, without a change of folder before it.
pub(super) fn release(text: &str) -> Option<String> {
    let command = text.lines().find_map(|line| line.trim().strip_prefix("release:"))?.trim();
    let is_change = |part: &&str| part.trim_start().starts_with("cd ");
    let parts: Vec<&str> = command.split("&&").skip_while(is_change).map(str::trim).collect();
    let command = parts.join(" && ");
    (!command.is_empty()).then_some(command)
}
