use super::*;
use crate::event::Outcome;
use crate::replica::Phase;

const REFUSED: &str = "connection refused";

fn page(path: &str) -> Page {
    Page { path: path.to_owned(), before: None }
}

/// The answers of two pages that both were well before; the visitor came at the third second.
fn answers(said: &[(f64, usize, &str)]) -> Answers {
    let mut answers = Answers::new(vec![page("/"), page("/list")]);
    let now = Duration::from_secs(3);
    answers.take(now, r#"{"began": true}"#);
    for page in [0, 1] {
        let line = serde_json::json!({"first": page, "at": 0.0, "took": 0.01, "status": 200});
        answers.take(now, &line.to_string());
    }
    for (at, page, said) in said {
        let said = match said.parse::<u16>() {
            Ok(status) => serde_json::json!({ "status": status }),
            Err(_) => serde_json::json!({ "away": said }),
        };
        let mut line = serde_json::json!({"page": page, "at": at, "took": 0.05});
        line.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        answers.take(now, &line.to_string());
    }
    answers
}

/// Deploy steps, each with its begin and end in milliseconds since the run's start.
fn steps(of: &[(&str, u64, u64)]) -> Vec<(Duration, Performed)> {
    let step = |(number, (what, begin, end)): (usize, &(&str, u64, u64))| {
        let step = Performed {
            number,
            phase: Phase::Deploy,
            what: (*what).to_owned(),
            reached: None,
            origin: None,
            took: Duration::from_millis(end - begin),
            after: Vec::new(),
            outcome: Outcome::Passed,
        };
        (Duration::from_millis(*end), step)
    };
    of.iter().enumerate().map(step).collect()
}

/// Each gap in a line: kind, begin, seconds, what was answered, on which pages, during what.
fn gaps(said: &[(f64, usize, &str)], end: u64, during: &[(&str, u64, u64)]) -> Vec<String> {
    let traffic = answers(said).traffic(State::New, Duration::from_millis(end), &steps(during));
    let line = |gap: &Gap| {
        let (kind, Gap { at, seconds, pages, .. }) = (gap.kind.name(), gap);
        let said = gap.answers.iter().map(|(said, times)| format!("{times} {said}"));
        let said: Vec<String> = said.collect();
        let line = format!("{kind} {at} {seconds} {} {}", said.join(" "), pages.join(" "));
        format!("{line} {}", gap.during.join(", ")).trim_end().to_owned()
    };
    traffic.unwrap().gaps.iter().map(line).collect()
}

#[test]
fn a_bad_answer_counts_until_the_next_request() {
    assert_eq!(gaps(&[(0.1, 0, "200"), (0.2, 1, "302"), (0.3, 0, "204")], 3500, &[]), [""; 0]);
    let once = [(0.1, 0, "200"), (0.2, 1, "502"), (0.3, 0, "200"), (0.4, 1, "200")];
    assert_eq!(gaps(&once, 3500, &[]), ["wrong 3.2 0.1 1 502 /list"]);
    let both = [(0.1, 0, REFUSED), (0.2, 1, REFUSED), (0.3, 0, "200"), (0.4, 1, "200")];
    assert_eq!(gaps(&both, 3500, &[]), ["away 3.1 0.2 2 connection refused / /list"]);
}

#[test]
fn a_page_that_stays_bad_is_so_while_others_are_well() {
    let said =
        [(0.1, 1, "500"), (0.2, 0, "200"), (0.3, 1, "500"), (0.4, 0, "200"), (0.5, 1, "200")];
    assert_eq!(gaps(&said, 3600, &[]), ["wrong 3.1 0.3 2 500 /list"]);
}

#[test]
fn the_worse_one_counts_and_the_last_one_lasts_to_the_end() {
    let said = [(0.1, 0, "502"), (0.2, 1, REFUSED), (0.3, 0, REFUSED), (0.4, 1, "404")];
    let expected = [
        "wrong 3.1 0.1 1 502 /",
        "away 3.2 0.2 2 connection refused / /list",
        "wrong 3.4 0.6 1 404 /list",
    ];
    assert_eq!(gaps(&said, 4000, &[]), expected);
}

#[test]
fn the_steps_that_went_on_meanwhile_are_said() {
    let said = [(0.5, 0, "200"), (1.5, 1, REFUSED), (2.5, 0, REFUSED), (3.5, 1, "200")];
    let during = [("migrate", 3000, 4400), ("stop", 4400, 5000), ("serve", 5000, 7000)];
    let expected = ["away 4.5 2 2 connection refused / /list stop, serve"];
    assert_eq!(gaps(&said, 7000, &during), expected);
}

#[test]
fn all_answers_are_counted_whatever_their_order() {
    let said = [(0.3, 0, "200"), (0.1, 0, "200"), (0.2, 1, "503")];
    let traffic = answers(&said).traffic(State::Between, Duration::from_secs(4), &[]).unwrap();
    let counted = BTreeMap::from([("200".to_owned(), 2), ("503".to_owned(), 1)]);
    assert_eq!((traffic.at, traffic.seconds, traffic.answers), (3.1, 0.9, counted));
    assert_eq!((traffic.pages, traffic.slowest), (vec!["/".into(), "/list".into()], 0.05));
    assert_eq!(answers(&[]).traffic(State::Between, Duration::from_secs(4), &[]), None);
}

#[test]
fn a_page_that_was_an_error_before_is_left_out_unless_it_is_the_health_page() {
    let mut answers = Answers::new(vec![page("/health"), page("/gone"), page("/"), page("/slow")]);
    for line in [
        r#"{"first": 0, "status": 503}"#,
        r#"{"first": 1, "status": 404}"#,
        r#"{"first": 2, "status": 302}"#,
        r#"{"first": 3, "away": "no answer in time"}"#,
    ] {
        answers.take(Duration::ZERO, line);
    }
    let paths = |pages: Vec<Page>| pages.into_iter().map(|page| page.path).collect::<Vec<_>>();
    assert_eq!(paths(answers.asked()), ["/health", "/"]);
    assert_eq!(paths(answers.left_out()), ["/gone", "/slow"]);
    answers.take(Duration::ZERO, r#"{"page": 0, "at": 0.1, "took": 0.1, "status": 503}"#);
    answers.take(Duration::ZERO, r#"{"page": 2, "at": 0.2, "took": 0.1, "status": 200}"#);
    answers.take(Duration::ZERO, r#"{"page": 9, "at": 0.3, "took": 0.1, "status": 500}"#);
    let traffic = answers.traffic(State::New, Duration::from_secs(1), &[]).unwrap();
    assert_eq!(traffic.gaps, []);
}
