use serde_json::{Value, json};

use crate::chromium::{Browser, Scheme};
use crate::pages::Pages;

/// Opens all folds.
const OPEN_ALL: &str = "document.querySelectorAll('details').forEach(fold => { fold.open = true })";

/// Texts with less contrast than 4.5 to 1, by their colours and beginning.
/// <https://www.w3.org/TR/WCAG22/#contrast-minimum>
const DIM_TEXTS: &str = r"(() => {
  const rgba = text => {
    const parts = text.match(/[\d.]+/g).map(Number);
    return parts.length < 4 ? [...parts, 1] : parts;
  };
  const channel = value => value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 1) return colour;
      if (colour[3] !== 0) throw 'half transparent';
    }
    throw 'nothing behind it';
  };
  const found = new Set();
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    texts += 1;
    const [one, two] = [rgba(getComputedStyle(element).color), behind(element)];
    const [dark, bright] = [light(one), light(two)].sort((a, b) => a - b);
    if ((bright + .05) / (dark + .05) < 4.5) {
      found.add(`${one} on ${two}: ${walker.currentNode.data.trim().slice(0, 30)}`);
    }
  }
  return {texts, dim: [...found]};
})()";

#[test]
fn a_page_fits_a_phone_and_asks_nobody_for_anything() {
    let (pages, mut browser) = (Pages::new(), Browser::start());
    browser.width(360);
    for name in ["red", "green", "huge"] {
        browser.open(&pages.path(name));
        for folds in ["closed", "open"] {
            let width = browser.say("document.documentElement.scrollWidth");
            assert_eq!(width, 360, "{name}, folds {folds}");
            browser.say(OPEN_ALL);
        }
        let address = format!("file://{}", pages.path(name).display());
        assert_eq!(browser.requests(), [address], "{name}");
        assert_eq!(browser.complaints(), [""; 0], "{name}");
    }
    // A page that wants more than itself is stopped by its own policy, and that is seen here.
    let text = std::fs::read_to_string(pages.path("green")).unwrap();
    let worse = text.replace("<main", "<img src=\"./x.png\"><script>1</script><main");
    std::fs::write(pages.path("worse"), worse).unwrap();
    browser.open(&pages.path("worse"));
    let complaints = browser.complaints().join("\n");
    assert!(complaints.contains("x.png") && complaints.contains("script"), "{complaints}");
}

#[test]
fn the_states_of_an_upgrade_have_room_in_the_table_of_sites() {
    let (pages, mut browser) = (Pages::new(), Browser::start());
    browser.width(1100);
    browser.open(&pages.path("upgraded"));
    let headings = browser.say("document.querySelector('#sites thead').innerText");
    for state in ["live", "between", "new"] {
        assert!(headings.as_str().unwrap().contains(state), "{headings}");
    }
    let beyond =
        "(box => box.scrollWidth - box.clientWidth)(document.querySelector('#sites .scroll'))";
    assert_eq!(browser.say(beyond), 0);
}

#[test]
fn every_text_can_be_read_in_light_and_in_dark() {
    let (pages, mut browser) = (Pages::new(), Browser::start());
    browser.width(1280);
    for scheme in [Scheme::Light, Scheme::Dark] {
        browser.scheme(scheme);
        for name in ["red", "green"] {
            browser.open(&pages.path(name));
            browser.say(OPEN_ALL);
            let seen = browser.say(DIM_TEXTS);
            assert_eq!(seen["dim"], json!([]), "{name}, {scheme:?}");
            assert!(seen["texts"].as_u64().unwrap() > 100, "{seen}");
        }
        browser.say("document.body.style.color = '#777'");
        let seen = browser.say(DIM_TEXTS);
        assert_ne!(seen["dim"], json!([]), "a dim text is seen, {scheme:?}");
    }
}

#[test]
fn the_keyboard_reaches_everything_and_shows_where_it_is() {
    let (pages, mut browser) = (Pages::new(), Browser::start());
    browser.width(1280);
    browser.open(&pages.path("red"));
    // All that can be used, in the order of the page; what is in a closed fold cannot.
    browser.say(
        "window.usable = [...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')]\
           .filter(one => one.checkVisibility()); window.visited = []; 0",
    );
    let count = browser.say("usable.length").as_u64().unwrap();
    assert!(count > 20, "{count}");
    for _ in 0..count {
        browser.press("Tab", 9);
        browser.say(
            "visited.push({index: usable.indexOf(document.activeElement), \
               outline: getComputedStyle(document.activeElement).outlineStyle, \
               left: document.activeElement.getBoundingClientRect().right > 0}); 0",
        );
    }
    let visited = browser.say("visited");
    let expected: Vec<Value> =
        (0..count).map(|index| json!({"index": index, "outline": "solid", "left": true})).collect();
    assert_eq!(visited, Value::from(expected));
    // A fold opens by Enter, and a link leads to the text that it names.
    browser.say("document.querySelector('details:not([open]) > summary').focus()");
    browser.press("Enter", 13);
    assert_eq!(browser.say("document.activeElement.parentElement.open"), true);
    browser.say("document.querySelector('.skip').focus()");
    browser.press("Enter", 13);
    assert_eq!(browser.say("document.activeElement.id"), "main");
}

#[test]
fn a_row_of_the_grid_leads_to_its_site_and_opens_it() {
    let (pages, mut browser) = (Pages::new(), Browser::start());
    browser.width(1280);
    browser.open(&pages.path("red"));
    let links =
        browser.say("[...document.querySelectorAll('#sites tbody a')].map(link => link.hash)");
    assert_eq!(links, json!(["#site-0", "#why-1", "#site-2"]));
    browser.say("document.querySelector('a[href=\"#site-0\"]').focus()");
    browser.press("Enter", 13);
    let open = "new Promise(done => setTimeout(() => done(document.querySelector('#site-0').closest('details').open), 0))";
    assert_eq!(browser.say(open), true);
}

#[test]
fn a_screen_reader_finds_headings_landmarks_and_tables_that_say_what_they_are() {
    let (pages, mut browser) = (Pages::new(), Browser::start());
    browser.width(1280);
    for (name, title, heading) in [
        ("red", "FAILED: noticeboard 1.2 on 1 of 3 sites", "FAILED noticeboard 1.2"),
        ("green", "PASSED: noticeboard 1.1 on 3 of 3 sites", "PASSED noticeboard 1.1"),
    ] {
        browser.open(&pages.path(name));
        browser.say(OPEN_ALL);
        assert_eq!(browser.say("document.title"), title);
        assert_eq!(browser.say("document.documentElement.lang"), "en");
        let problems = browser.say(
            r"(() => {
              const problems = [];
              const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1]);
              levels.forEach((level, at) => { if (level > (levels[at - 1] ?? 0) + 1) problems.push(`heading ${at} jumps`) });
              if (levels.filter(level => level === 1).length !== 1) problems.push('not one h1');
              for (const table of document.querySelectorAll('table')) {
                if (!table.caption?.textContent.trim()) problems.push('a table without caption');
                for (const th of table.querySelectorAll('th')) if (!th.scope) problems.push('a th without scope');
                for (const row of table.querySelectorAll('tbody tr')) if (!row.querySelector('th[scope=row]')) problems.push('a row without head');
              }
              for (const svg of document.querySelectorAll('svg')) {
                if (svg.getAttribute('aria-hidden') !== 'true' && !(svg.getAttribute('role') === 'img' && svg.getAttribute('aria-label'))) problems.push('a drawing without words');
              }
              const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
              if (new Set(ids).size !== ids.length) problems.push('an id twice');
              for (const link of document.querySelectorAll('a[href^=\'#\']')) if (!document.getElementById(link.hash.slice(1))) problems.push(`${link.hash} leads nowhere`);
              for (const by of document.querySelectorAll('[aria-labelledby]')) if (!document.getElementById(by.getAttribute('aria-labelledby'))) problems.push('labelled by nothing');
              return problems;
            })()",
        );
        assert_eq!(problems, json!([]), "{name}");
        let tree = browser.call("Accessibility.getFullAXTree", json!({}));
        let nodes: Vec<(&str, &str)> = tree["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|node| node["ignored"] == false)
            .filter_map(|node| {
                Some((node["role"]["value"].as_str()?, node["name"]["value"].as_str()?))
            })
            .collect();
        let with = |role: &'static str| {
            nodes.iter().filter(move |(of, _)| *of == role).map(|(_, name)| *name)
        };
        assert_eq!(with("heading").next().map(str::trim), Some(heading), "{name}");
        for landmark in ["banner", "navigation", "main", "contentinfo"] {
            assert_eq!(with(landmark).count(), 1, "{name}: {landmark}");
        }
        for role in ["region", "table", "image"] {
            assert!(with(role).all(|name| !name.is_empty()), "{name}: {role}");
        }
        // How a cell ended is said, not only coloured.
        assert_eq!(with("cell").any(|cell| cell.contains("failed")), name == "red");
    }
}

#[test]
fn on_paper_nothing_is_hidden_in_a_fold() {
    let (pages, mut browser) = (Pages::new(), Browser::start());
    browser.width(800);
    browser.open(&pages.path("red"));
    let is_seen = "document.querySelector('#tests details table').checkVisibility()";
    assert_eq!(browser.say(is_seen), false);
    browser.on_paper();
    assert_eq!(browser.say(is_seen), true);
}
