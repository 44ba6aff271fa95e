//! What is said when a service, a deploy step or the site itself does not do what it should.

use serde_json::Value;

use crate::docker::Output;
use crate::docker::fake::{Main, Reply};
use crate::event::What;
use crate::failure::{Failure, Kind};
use crate::provision::fixture::{Actors, engine, engine_where};
use crate::replica::FileEntry;
use crate::replica::fixture::{FRONT, SECRET, SHOP};

/// The failure of a provision in which commands answer so; nothing is left afterwards.
async fn failure(
    script: impl FnMut(&str, &str, &Value) -> Option<Reply> + 'static,
) -> (Failure, Actors) {
    let (actors, engine) = (Actors::new(SHOP), engine_where(script));
    let failure = actors.provision(&engine).await.unwrap_err();
    actors.tear_down(&engine).await;
    assert_eq!(engine.leftovers(), []);
    (failure, actors)
}

fn lines(failure: &Failure) -> Vec<String> {
    failure.evidence.clone().map(|excerpt| excerpt.lines).unwrap_or_default()
}

/// The step's answer, for the step with this command.
fn step(command: &'static str, reply: Reply) -> impl FnMut(&str, &str, &Value) -> Option<Reply> {
    move |role, program, job| {
        let is_it = role == "app" && program == "step.py" && job["command"] == command;
        is_it.then(|| reply.clone())
    }
}

#[tokio::test]
async fn a_deploy_step_that_fails() {
    let said = format!("the password {SECRET} is wrong");
    let reply = Reply::of(3, &["connecting", &said]);
    let (failure, actors) = failure(step("shop-admin migrate", reply)).await;
    assert_eq!(failure.kind, Kind::Deploy);
    assert_eq!(failure.message, "deploy step `migrate` failed with exit code 3");
    assert_eq!(lines(&failure), ["connecting", "the password [secret db] is wrong"]);
    let ended = actors.events().into_iter().find_map(|event| match event.what {
        What::StepEnded { name, code, output, .. } => Some((name, code, output)),
        _ => None,
    });
    assert_eq!(ended, Some(("migrate".to_owned(), 3, lines(&failure))));
}

#[tokio::test]
async fn a_deploy_step_that_does_not_end() {
    let (failure, _) = failure(step("shop-admin collectstatic", Reply::of(124, &["1 of 2"]))).await;
    assert_eq!(failure.kind, Kind::Deploy);
    assert!(failure.message.starts_with("deploy step `static files` did not end within"));
    assert_eq!(lines(&failure), ["1 of 2"]);
}

#[tokio::test]
async fn a_deploy_step_that_hit_the_memory_limit() {
    let reply = Reply { out_of_memory: true, ..Reply::of(137, &["loading"]) };
    let (failure, _) = failure(step("shop-admin migrate", reply)).await;
    assert_eq!(failure.kind, Kind::Deploy);
    assert!(failure.causes.iter().any(|cause| cause.contains("memory limit")), "{failure:?}");
    assert!(failure.hints.iter().any(|hint| hint.contains("resources.memory")), "{failure:?}");
}

#[tokio::test]
async fn a_host_that_ends_under_a_deploy_step_is_not_the_app_s_fault() {
    let reply = Reply { container_ends: Some(137), ..Reply::ok() };
    let (failure, _) = failure(step("shop-admin migrate", reply)).await;
    assert_eq!(failure.kind, Kind::Infrastructure);
    assert!(failure.message.contains("the container has ended"), "{failure:?}");
}

#[tokio::test]
async fn a_host_that_is_killed_for_memory_under_a_deploy_step_says_so() {
    let reply = Reply { container_ends: Some(137), out_of_memory: true, ..Reply::ok() };
    let (failure, _) = failure(step("shop-admin migrate", reply)).await;
    assert!(failure.causes.iter().any(|cause| cause.contains("memory limit")), "{failure:?}");
}

/// `serve.py` says these lines and ends with this code; the site's logs say theirs.
async fn serve(code: i64, said: &'static [&'static str]) -> Failure {
    let (failure, _) = failure(move |role, program, _| match (role, program) {
        ("app", "serve.py") => Some(Reply::of(code, said)),
        ("app", "tail") => Some(Reply::of(0, &["ImportError: no module named shop"])),
        _ => None,
    })
    .await;
    failure
}

#[tokio::test]
async fn a_server_that_ends_at_its_start() {
    let failure =
        serve(1, &[r#"{"event": "exited", "role": "wsgi", "code": 3, "last_seen": "x"}"#]).await;
    assert_eq!(failure.kind, Kind::NotReady);
    assert_eq!(failure.message, "wsgi of site ended with code 3 at its start");
    assert_eq!(failure.causes, ["ImportError: no module named shop"]);
    assert_eq!(lines(&failure), ["ImportError: no module named shop"]);
}

#[tokio::test]
async fn a_site_that_never_answers_as_described() {
    let failure = serve(
        1,
        &[
            r#"{"event": "started", "role": "wsgi", "pid": 10}"#,
            r#"{"event": "not-ready", "reason": "it answers 503", "last_seen": "503 busy", "waited": 30.0}"#,
        ],
    )
    .await;
    assert_eq!(failure.kind, Kind::NotReady);
    assert_eq!(failure.message, "site is not ready: it answers 503");
    assert_eq!(
        failure.causes,
        ["ImportError: no module named shop", "last seen after 30.0s: 503 busy"]
    );
    assert_eq!(lines(&failure), ["ImportError: no module named shop"]);
}

#[tokio::test]
async fn a_starter_that_says_nothing_of_use_is_a_bug() {
    for said in [&["Segmentation fault"][..], &[], &["{\"event\": 7}"], &["[1, 2]"]] {
        let failure = serve(1, said).await;
        assert_eq!(failure.kind, Kind::Bug, "{said:?}");
    }
}

#[tokio::test]
async fn a_starter_that_is_killed_for_memory_is_not_a_bug() {
    let (failure, _) = failure(|role, program, _| {
        (role == "app" && program == "serve.py")
            .then(|| Reply { out_of_memory: true, ..Reply::of(137, &[]) })
    })
    .await;
    assert_eq!(failure.kind, Kind::NotReady);
    assert!(failure.causes.iter().any(|cause| cause.contains("memory limit")), "{failure:?}");
}

fn not_ready(reply: Reply) -> impl FnMut(&str, &str, &Value) -> Option<Reply> {
    move |role, program, _| (role == "db" && program == "postgres-ready.sh").then(|| reply.clone())
}

#[tokio::test]
async fn a_service_that_never_takes_connections() {
    let said = vec![(Output::Stderr, format!("no entry for {SECRET}"))];
    let (failure, _) = failure(not_ready(Reply { lines: said, ..Reply::hangs() })).await;
    assert_eq!(failure.kind, Kind::NotReady);
    assert!(failure.message.starts_with("service db was not ready after "), "{failure:?}");
    assert_eq!(failure.causes, ["last seen: no entry for [secret db]"]);
    assert!(failure.hints[0].contains("services.db.startup"), "{failure:?}");
}

#[tokio::test]
async fn a_service_that_ends_instead_of_starting() {
    let (actors, engine) = (Actors::new(SHOP), engine());
    let engine = engine.on_start(|container, _| {
        if container.ends_with("-db") {
            Main::Ends(2, vec!["FATAL: could not map anonymous shared memory".to_owned()])
        } else {
            Main::Runs
        }
    });
    let failure = actors.provision(&engine).await.unwrap_err();
    assert_eq!(failure.kind, Kind::NotReady, "{failure:?}");
    assert_eq!(failure.message, "service db ended with code 2 instead of starting");
    assert_eq!(lines(&failure), ["FATAL: could not map anonymous shared memory"]);
    actors.tear_down(&engine).await;
}

#[tokio::test]
async fn a_service_that_ends_while_it_is_waited_for() {
    let reply = Reply { container_ends: Some(1), ..Reply::ok() };
    let (failure, _) = failure(not_ready(reply)).await;
    assert_eq!(failure.kind, Kind::NotReady, "{failure:?}");
    assert_eq!(failure.message, "service db ended with code 1 instead of starting");
}

#[tokio::test]
async fn a_service_that_is_killed_for_memory() {
    let reply = Reply { container_ends: Some(137), out_of_memory: true, ..Reply::ok() };
    let (failure, _) = failure(not_ready(reply)).await;
    assert_eq!(failure.message, "service db was killed: it needs more memory");
    assert!(failure.hints[0].contains("services.db.memory"), "{failure:?}");
}

#[tokio::test]
async fn a_container_that_somebody_removes_is_nobody_s_failure_but_docker_s() {
    for (name, program) in [("app", "step.py"), ("app", "serve.py"), ("db", "postgres-ready.sh")] {
        let (actors, engine) = (Actors::new(SHOP), engine());
        let by_hand = engine.clone();
        let engine = engine.on_request(move |_, action| {
            if action.contains(program) {
                by_hand.lose(&format!("stagectl-r1-site-{name}"));
            }
        });
        let failure = actors.provision(&engine).await.unwrap_err();
        assert_eq!(failure.kind, Kind::Infrastructure, "{name} {program}: {failure:?}");
        actors.tear_down(&engine).await;
        assert_eq!(engine.leftovers(), []);
    }
}

#[tokio::test]
async fn a_proxy_on_its_own_host_has_the_static_files_that_the_steps_made() {
    let actors = Actors::new(FRONT);
    let engine = engine_where(|role, program, job| match (role, program) {
        ("app", "step.py") => {
            Some(Reply::ok().writing(FileEntry::new("/srv/shop/static/css/a.css", 0o644, "a {}")))
        }
        ("proxy", "serve.py") => {
            assert_eq!(job["listening"], serde_json::json!({"nginx": [80, 443]}));
            Some(Reply::of(
                0,
                &[
                    r#"{"event": "started", "role": "nginx", "pid": 7}"#,
                    r#"{"event": "ready", "waited": 0.1, "status": null}"#,
                ],
            ))
        }
        ("app", "serve.py") => {
            assert_eq!(job["listening"], serde_json::json!({"wsgi": [8000]}));
            Some(Reply::of(
                0,
                &[
                    r#"{"event": "started", "role": "wsgi", "pid": 5}"#,
                    r#"{"event": "ready", "waited": 0.1, "status": 200}"#,
                ],
            ))
        }
        _ => None,
    });
    let provisioned = actors.provision(&engine).await.unwrap();
    let expected = [("wsgi".to_owned(), 5), ("nginx".to_owned(), 7)];
    assert_eq!(provisioned.processes, expected);
    assert!(engine.file("stagectl-r1-site-proxy", "/srv/shop/static/css/a.css").is_some());
    actors.tear_down(&engine).await;
    assert_eq!(engine.leftovers(), []);
}

#[tokio::test]
async fn a_proxy_that_ends_on_its_own_host_at_its_start() {
    let actors = Actors::new(FRONT);
    let engine = engine_where(|role, program, _| match (role, program) {
        ("proxy", "serve.py") => Some(Reply::of(
            0,
            &[r#"{"event": "exited", "role": "nginx", "code": 1, "last_seen": "x"}"#],
        )),
        ("proxy", "tail") => Some(Reply::of(0, &["host not found in upstream"])),
        _ => None,
    });
    let failure = actors.provision(&engine).await.unwrap_err();
    assert_eq!(failure.message, "nginx of site ended with code 1 at its start");
    assert_eq!(lines(&failure), ["host not found in upstream"]);
    actors.tear_down(&engine).await;
}

#[tokio::test(start_paused = true)]
async fn a_starter_that_hangs_is_stagectl_s_own_fault() {
    let hangs = |_: &str, program: &str, _: &Value| (program == "serve.py").then(Reply::hangs);
    let (failure, _) = failure(hangs).await;
    assert_eq!(failure.kind, Kind::Infrastructure);
    assert_eq!(failure.message, "`serve.py` in `stagectl-r1-site-app` did not end within 330s");
}
