//! Images: made once, found again, and whose fault it is when one cannot be made.

use std::cell::RefCell;
use std::rc::Rc;

use crate::docker::Engine as _;
use crate::docker::fake::{FakeEngine, Main, When};
use crate::event::What;
use crate::failure::Kind;
use crate::provision::fixture::{Actors, engine, engine_where, ownership_of, plan_in};
use crate::replica::fixture::SHOP;
use crate::replica::{Content, Parent};

fn builds(engine: &FakeEngine) -> usize {
    engine.requests().iter().filter(|text| text.starts_with("create builder")).count()
}

#[tokio::test]
async fn a_second_run_builds_nothing() {
    let (actors, engine) = (Actors::new(SHOP), engine());
    actors.provision(&engine).await.unwrap();
    actors.tear_down(&engine).await;
    assert_eq!(builds(&engine), 11);
    actors.provision(&engine).await.unwrap();
    assert_eq!(builds(&engine), 11);
}

#[tokio::test]
async fn two_runs_at_once_build_everything_once() {
    let engine = engine();
    let (one, mut two) = (Actors::new(SHOP), Actors::new(SHOP));
    two.ownership = ownership_of("r2");
    two.workshop = one.workshop.clone();
    two.plan = plan_in(two.stand.site(), &two.stand, &two.ownership, 1);
    let (first, second) = tokio::join!(one.provision(&engine), two.provision(&engine));
    first.unwrap();
    second.unwrap();
    assert_eq!(builds(&engine), 11);
    one.tear_down(&engine).await;
    two.tear_down(&engine).await;
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn a_run_that_waits_for_another_one_s_build_stops_at_once() {
    let (actors, engine) = (Actors::new(SHOP), engine());
    // Somebody else has every lock: those of the images come from a run that builds them.
    let other = Actors::new(SHOP);
    other.provision(&engine).await.unwrap();
    let keys: Vec<String> = std::fs::read_dir(&other.workshop.locks)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    std::fs::create_dir_all(&actors.workshop.locks).unwrap();
    let locked: Vec<std::fs::File> = keys
        .iter()
        .map(|key| {
            let file = std::fs::File::create(actors.workshop.locks.join(key)).unwrap();
            file.lock().unwrap();
            file
        })
        .collect();
    let fresh = super::super::fixture::engine();
    let stopping = async {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        actors.stop.request(Kind::Interrupted);
    };
    let (outcome, ()) = tokio::join!(actors.provision(&fresh), stopping);
    assert_eq!(outcome.unwrap_err().kind, Kind::Interrupted);
    assert_eq!(builds(&fresh), 0);
    drop(locked);
}

#[tokio::test]
async fn all_images_that_are_missing_are_counted_before_the_first_is_made() {
    let missing_titles = |actors: &Actors| {
        let events = actors.events();
        let mut titles = events.into_iter().filter_map(|event| match event.what {
            What::ImagesMissing { titles, about: None } => Some(titles),
            _ => None,
        });
        (titles.next(), titles.next())
    };
    let (actors, engine) = (Actors::new(SHOP), engine());
    actors.provision(&engine).await.unwrap();
    let (titles, again) = missing_titles(&actors);
    assert_eq!(titles.map(|titles| titles.len()), Some(builds(&engine)));
    assert_eq!(again, None);
    // Of those that are there, one is taken away: what stands on it is missing with it.
    let mut other = Actors::new(&SHOP.replace("database: shop", "database: mill"));
    other.workshop = actors.workshop.clone();
    actors.tear_down(&engine).await;
    other.provision(&engine).await.unwrap();
    assert_eq!(missing_titles(&other).0, Some(vec!["database mill of PostgreSQL 15".to_owned()]));
}

#[tokio::test]
async fn how_long_all_of_them_take_is_known_where_the_recorded_runs_know_each() {
    for forgotten in [None, Some("uv on")] {
        let (actors, engine) = (Actors::new(SHOP), engine());
        let chain = &actors.plan.chain;
        let depth = |mut index| {
            // Docker has the base itself.
            let mut depth = 0.0;
            while let Parent::Image(parent) = chain.get(index).parent {
                (index, depth) = (parent, depth + 1.0);
            }
            depth
        };
        let longest = chain.iter().map(|(index, _)| depth(index)).max_by(f64::total_cmp).unwrap();
        let titles = chain.iter().map(|(_, spec)| spec.title.as_str());
        let known = titles.filter(|title| forgotten.is_none_or(|word| !title.starts_with(word)));
        let images: Vec<_> = known
            .map(|title| serde_json::json!({"role": title, "origin": "built", "seconds": 10.0}))
            .collect();
        let folder = actors.stand.root().join(".stagectl/runs/20261123-101455-3f9c");
        std::fs::create_dir_all(&folder).unwrap();
        let report = serde_json::json!({"sites": [{"name": "site", "images": images}]});
        std::fs::write(folder.join("report.json"), report.to_string()).unwrap();
        actors.provision(&engine).await.unwrap();
        let said = actors.events().into_iter().find_map(|event| match event.what {
            What::ImagesMissing { about, .. } => Some(about),
            _ => None,
        });
        // Side by side where they can be: the longest row of those that stand on each other.
        assert_eq!(said, Some(forgotten.is_none().then_some(longest * 10.0)));
    }
}

/// The builder that a request starts.
fn builder(action: &str) -> Option<&str> {
    let name = action.strip_prefix("start container `")?.strip_suffix('`')?;
    name.contains("-build-").then_some(name)
}

/// What a builder finds in its folder.
fn text(engine: &FakeEngine, builder: &str, name: &str) -> Option<String> {
    match engine.file(builder, &format!("/stagectl-build/{name}"))?.content {
        Content::Bytes(bytes) => String::from_utf8(bytes).ok(),
        _ => None,
    }
}

/// The failure of a whole provision in which the builder of this kind of image says these lines.
async fn failed_build(kind: &str, lines: &[&str]) -> crate::failure::Failure {
    let actors = Actors::new(SHOP);
    let key = actors.plan.chain.iter().find(|(_, spec)| spec.kind.name() == kind);
    let script = key.unwrap().1.script.clone();
    let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
    let engine = engine();
    let (looking, guilty) = (engine.clone(), Rc::new(RefCell::new(String::new())));
    let found = Rc::clone(&guilty);
    let engine = engine
        .on_request(move |_, action| {
            if builder(action).and_then(|name| text(&looking, name, "script.sh")).as_ref()
                == Some(&script)
            {
                *found.borrow_mut() = builder(action).unwrap_or_default().to_owned();
            }
        })
        .on_start(move |container, _| {
            if container == *guilty.borrow() { Main::Ends(1, lines.clone()) } else { Main::Runs }
        });
    let failure = actors.provision(&engine).await.unwrap_err();
    actors.tear_down(&engine).await;
    assert_eq!(engine.leftovers(), []);
    failure
}

#[tokio::test]
async fn a_build_that_fails_blames_the_right_one() {
    let table = [
        ("environment", "E: Unable to locate package libfoo9", Kind::Usage),
        ("environment", "E: Failed to fetch http://deb.example/x", Kind::Infrastructure),
        ("environment", "dpkg: error: No space left on device", Kind::Infrastructure),
        ("environment", "::fail this Debian has Python 3.11, not 3.12", Kind::Usage),
        ("dependencies", "error: no such version of flask", Kind::Deploy),
        ("dependencies", "error: error sending request for url", Kind::Infrastructure),
        ("release", "error: the wheel is broken", Kind::Deploy),
        ("suite", "error: no such version of pytest", Kind::NoResult),
        ("service", "psql: ERROR: syntax error", Kind::Usage),
    ];
    for (image, line, kind) in table {
        let failure = failed_build(image, &["::doing something", line]).await;
        assert_eq!(failure.kind, kind, "{image}: {line}: {failure:?}");
        let said = line.trim_start_matches("::fail ");
        assert!(failure.causes.iter().any(|cause| cause == said), "{failure:?}");
    }
}

#[tokio::test]
async fn a_base_comes_from_the_registry_when_it_is_not_there() {
    let actors = Actors::new(SHOP);
    let engine = FakeEngine::new().with_registry("debian:bookworm-slim");
    let engine = engine.on_exec(|_, command| {
        let served = command.argv.iter().any(|word| word.ends_with("serve.py"));
        let ready = r#"{"event": "ready", "waited": 0.1, "status": 200}"#;
        crate::docker::fake::Reply::of(0, &[if served { ready } else { "well" }])
    });
    actors.provision(&engine).await.unwrap();
    let pulled = "pull image `debian:bookworm-slim`".to_owned();
    assert_eq!(engine.requests().iter().filter(|text| **text == pulled).count(), 1);
}

#[tokio::test]
async fn a_described_base_that_is_nowhere_is_named() {
    let text = SHOP.replace("debian: bookworm", "image: registry.example/base@sha256:1");
    let actors = Actors::new(&text);
    let failure = actors.provision(&engine()).await.unwrap_err();
    assert_eq!(failure.kind, Kind::Infrastructure);
    assert!(failure.hints.iter().any(|hint| hint.contains("base.image")), "{failure:?}");
}

#[tokio::test]
async fn a_commit_whose_answer_got_lost_is_found_by_the_next_run() {
    let (actors, engine) = (Actors::new(SHOP), engine());
    actors.provision(&engine).await.unwrap();
    let commit =
        engine.requests().iter().position(|text| text.starts_with("commit container")).unwrap();
    let engine = engine_where(|_, _, _| None).failing_at(commit, When::After);
    let other = Actors::new(SHOP);
    assert_eq!(other.provision(&engine).await.unwrap_err().kind, Kind::Infrastructure);
    other.tear_down(&engine).await;
    let before = builds(&engine);
    other.provision(&engine).await.unwrap();
    assert!(builds(&engine) <= before + 7, "what was made is not made again");
}

#[tokio::test]
async fn host_roots_and_variables_are_there_while_building_only() {
    let mut actors = Actors::new(SHOP);
    actors.workshop.roots = Some(b"ROOTS".to_vec());
    actors.workshop.variables.insert("https_proxy".to_owned(), "http://proxy:3128".to_owned());
    let engine = engine();
    let (looking, seen) = (engine.clone(), Rc::new(RefCell::new(Vec::new())));
    let kept = Rc::clone(&seen);
    let engine = engine.on_request(move |_, action| {
        let found = builder(action).and_then(|name| text(&looking, name, "variables.sh"));
        kept.borrow_mut().extend(found);
    });
    actors.provision(&engine).await.unwrap();
    assert_eq!(seen.borrow().len(), 11);
    for text in seen.borrow().iter() {
        assert!(text.contains("export https_proxy=http://proxy:3128"), "{text}");
        assert!(text.contains("SSL_CERT_FILE=/stagectl-build/roots.pem"), "{text}");
    }
    for role in ["app", "suite", "db"] {
        let name = format!("stagectl-r1-site-{role}");
        assert!(engine.file(&name, "/stagectl-build/roots.pem").is_none());
        assert!(engine.inspect(&name).await.unwrap().running);
    }
}
