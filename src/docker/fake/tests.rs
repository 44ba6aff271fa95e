//! The fake keeps Docker's rules: what the tests with the real engine see, these see here.

use crate::docker::Engine;
use crate::event::ResourceKind;
use crate::replica::label;
use crate::replica::{
    Attachment, BuildNetwork, BuildSpec, ContainerSpec, Labels, Limits, LookupSpec, NetworkSpec,
};

use super::*;

fn container(name: &str, address: &str) -> ContainerSpec {
    ContainerSpec {
        name: name.to_owned(),
        role: name.to_owned(),
        image: "img".to_owned(),
        network: Attachment::Own {
            network: "net".to_owned(),
            address: address.to_owned(),
            ipv6: None,
            aliases: vec![],
            dns: vec![],
        },
        hostname: None,
        command: vec![name.to_owned()],
        env: [].into(),
        labels: run_labels(),
        files: vec![FileEntry::new("/etc/a/b", 0o644, "x")],
        limits: Limits::default(),
        capabilities: vec![],
        tmpfs: [].into(),
        volumes: [].into(),
        sysctls: [].into(),
        ulimits: Vec::new(),
        lookup: LookupSpec::default(),
        published: Vec::new(),
        stop_signal: None,
    }
}

fn network() -> NetworkSpec {
    NetworkSpec {
        name: "net".to_owned(),
        subnet: "10.0.0.0/24".to_owned(),
        gateway: None,
        ipv6: None,
        internal: true,
        bridge: None,
        labels: run_labels(),
    }
}

fn run_labels() -> Labels {
    [(label::RUN.to_owned(), "r1".to_owned())].into()
}

#[tokio::test]
async fn names_states_and_order_are_as_docker_has_them() {
    let engine = FakeEngine::new().with_image("img");
    let one = container("one", "10.0.0.2");
    engine.create_container(&one).await.unwrap();
    assert!(engine.create_container(&one).await.unwrap_err().is_conflict());
    assert!(engine.wait("one").await.unwrap_err().is_conflict());
    assert!(engine.start("one").await.unwrap_err().is_not_found(), "no network yet");
    engine.create_network(&network()).await.unwrap();
    assert!(engine.create_network(&network()).await.unwrap_err().is_conflict());
    engine.start("one").await.unwrap();
    engine.create_container(&container("two", "10.0.0.2")).await.unwrap();
    assert!(engine.start("two").await.unwrap_err().is_conflict(), "the address is taken");
    let run = Exec { argv: vec!["true".to_owned()], ..Exec::default() };
    let ended = engine.exec("two", &run, &mut |_, _| ()).await.unwrap_err();
    assert!(matches!(ended, DockerError::ContainerEnded { .. }));
    assert!(engine.remove_network("net").await.unwrap_err().is_conflict());
    let found = engine.inventory(&run_labels()).await.unwrap();
    let found: Vec<_> = found.iter().map(|found| (found.resource.kind, found.running)).collect();
    let container = ResourceKind::Container;
    assert_eq!(found, [(container, true), (container, false), (ResourceKind::Network, false)]);
    assert!(engine.remove_image("img").await.unwrap_err().is_conflict());
    for name in ["one", "two", "two"] {
        engine.remove_container(name).await.unwrap();
    }
    engine.remove_network("net").await.unwrap();
    assert_eq!(engine.leftovers(), []);
    assert_eq!(engine.tags(), ["img"]);
}

#[tokio::test]
async fn a_request_fails_before_or_after_it_took_effect() {
    let before = FakeEngine::new().failing_at(0, When::Before);
    assert!(!before.create_network(&network()).await.unwrap_err().may_have_acted());
    assert_eq!(before.leftovers(), []);
    let after = FakeEngine::new().failing_at(0, When::After);
    assert!(after.create_network(&network()).await.unwrap_err().may_have_acted());
    assert_eq!(after.leftovers().len(), 1);
    after.remove_network("net").await.unwrap();
    assert_eq!(after.requests(), ["create network `net`", "remove network `net`"]);
}

#[tokio::test]
async fn commands_answer_as_scripted_and_their_files_can_be_fetched() {
    let engine = FakeEngine::new().with_image("img").on_exec(|container, command| {
        assert_eq!(container, "one");
        match command.argv[0].as_str() {
            "test" => {
                Reply::of(1, &["red"]).writing(FileEntry::new("/out/junit.xml", 0o644, "<x>"))
            }
            "crash" => Reply { container_ends: Some(139), ..Reply::ok() },
            _ => Reply::hangs(),
        }
    });
    engine.create_network(&network()).await.unwrap();
    let id = engine.create_container(&container("one", "10.0.0.2")).await.unwrap();
    engine.start(&id).await.unwrap();
    let run = |program: &str| Exec { argv: vec![program.to_owned()], ..Exec::default() };
    let mut lines = Vec::new();
    let code = engine.exec(&id, &run("test"), &mut |_, line| lines.push(line)).await.unwrap();
    assert_eq!((code, lines), (1, vec!["red".to_owned()]));
    let tar = engine.download("one", "/out").await.unwrap();
    let names: Vec<_> = tar::Archive::new(tar.as_slice())
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().into_owned())
        .collect();
    assert_eq!(names, [std::path::Path::new("out/junit.xml")]);
    let start = engine.download_within("one", "/out", 100).await.unwrap();
    assert_eq!((start.tar.as_slice(), start.is_whole), (&tar[..100], false));
    assert!(engine.download("one", "/nowhere").await.unwrap_err().is_not_found());
    assert!(engine.file("one", "/etc/a/b").is_some());
    let hung = std::time::Duration::from_millis(20);
    let hangs = run("hang");
    tokio::time::timeout(hung, engine.exec("one", &hangs, &mut |_, _| ())).await.unwrap_err();
    engine.exec("one", &run("crash"), &mut |_, _| ()).await.unwrap_err();
    assert_eq!(engine.wait("one").await.unwrap(), 139);
}

#[tokio::test]
async fn builders_end_and_their_images_lose_the_labels_of_the_run() {
    let engine = FakeEngine::new().with_image("img").on_start(|_, command| match command {
        [program] if program == "broken" => Main::Ends(2, vec!["E: no such package".to_owned()]),
        _ => Main::Runs,
    });
    let mut spec = BuildSpec {
        name: "builder".to_owned(),
        image: "img".to_owned(),
        command: vec!["make".to_owned()],
        env: [].into(),
        labels: run_labels(),
        files: vec![],
        network: BuildNetwork::Bridge,
    };
    engine.create_builder(&spec).await.unwrap();
    engine.start("builder").await.unwrap();
    assert_eq!(engine.wait("builder").await.unwrap(), 0);
    let key: Labels = [(label::KEY.to_owned(), "k".to_owned())].into();
    let id = engine.commit("builder", "made", &key).await.unwrap();
    assert_eq!(engine.find_image("made").await.unwrap(), Some(id));
    assert_eq!(engine.images(&key).await.unwrap().len(), 1);
    assert_eq!(engine.images(&run_labels()).await.unwrap(), []);

    spec.name = "second".to_owned();
    spec.command = vec!["broken".to_owned()];
    engine.create_builder(&spec).await.unwrap();
    engine.start("second").await.unwrap();
    assert_eq!(engine.wait("second").await.unwrap(), 2);
    assert_eq!(engine.logs("second", 5).await.unwrap(), ["E: no such package"]);
}

#[tokio::test]
async fn a_registry_is_out_of_reach_unless_it_has_something() {
    let alone = FakeEngine::new();
    let error = alone.pull("debian:x", &mut |_| ()).await.unwrap_err();
    assert!(matches!(error, DockerError::NoRegistry { .. }));
    let engine = FakeEngine::new().with_registry("debian:x");
    engine.pull("debian:x", &mut |_| ()).await.unwrap();
    assert!(engine.pull("debian:y", &mut |_| ()).await.unwrap_err().is_not_found());
}
