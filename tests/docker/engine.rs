//! The requests of `docker/`, each against the real engine.

use std::collections::BTreeMap;

use stagectl::docker::{DockerError, Engine, Exec, Output};
use stagectl::event::ResourceKind;
use stagectl::replica::label;
use stagectl::replica::{
    Attachment, BuildNetwork, BuildSpec, Content, FileEntry, Labels, NetworkSpec, Subnet,
};
use stagectl::site::NetworkFamilies;

use crate::stage::Stage;

#[test]
fn an_import_keeps_its_labels_and_its_container_runs() {
    Stage::run("import", async |stage| {
        stage.import_image().await;
        let image = stage.docker.find_image(&stage.name("image")).await.unwrap();
        let listed = stage.docker.images(&stage.labels()).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(Some(listed[0].id.clone()), image);
        assert_eq!(listed[0].labels["odd"], r#"a "$b" \c 'd' é"#);
        assert_eq!(stage.docker.find_image(&stage.name("other")).await.unwrap(), None);

        let mut spec = stage.container("one");
        spec.command =
            ["/bin/sh", "-c", "echo out; echo err >&2; exit 3"].map(str::to_owned).into();
        stage.started(&spec).await;
        let mut followed = Vec::new();
        stage.docker.follow(&spec.name, &mut |line| followed.push(line)).await.unwrap();
        followed.sort();
        assert_eq!(followed, ["err", "out"]);
        assert_eq!(stage.docker.wait(&spec.name).await.unwrap(), 3);
        assert_eq!(stage.docker.wait(&spec.name).await.unwrap(), 3);
        assert_eq!(stage.docker.logs(&spec.name, 1).await.unwrap().len(), 1);
        let state = stage.docker.inspect(&spec.name).await.unwrap();
        assert_eq!((state.running, state.exit_code), (false, 3));
    });
}

#[test]
fn a_failed_tar_stream_leaves_no_image() {
    Stage::run("broken", async |stage| {
        let pieces = [Ok(vec![0; 512]), Err(std::io::Error::other("the bootstrap failed"))];
        let tar = Box::pin(futures_util::stream::iter(pieces));
        stage.docker.import(tar, &stage.name("image"), &stage.labels()).await.unwrap_err();
        assert_eq!(stage.docker.find_image(&stage.name("image")).await.unwrap(), None);
    });
}

#[test]
fn a_container_that_was_never_started_has_no_exit_code() {
    Stage::run("created", async |stage| {
        stage.import_image().await;
        let spec = stage.container("one");
        stage.docker.create_container(&spec).await.unwrap();
        let error = stage.docker.wait(&spec.name).await.unwrap_err();
        assert!(error.is_conflict(), "{error:?}");
        let again = stage.docker.create_container(&spec).await.unwrap_err();
        assert!(again.is_conflict(), "{again:?}");
    });
}

#[test]
fn uploaded_files_have_their_modes_and_owners_and_parents_are_kept() {
    Stage::run("upload", async |stage| {
        stage.import_image().await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("page.html"), "<p>").unwrap();
        let mut spec = stage.container("one");
        spec.files = vec![
            FileEntry::new("/etc/new/deep/app.ini", 0o640, "a=1").owned_by(33, 44),
            FileEntry { content: Content::Folder, ..FileEntry::new("/data", 0o2750, "") }
                .owned_by(7, 8),
            FileEntry {
                content: Content::HostFolder(folder.path().to_owned()),
                ..FileEntry::new("/www", 0o755, "")
            },
        ];
        stage.started(&spec).await;
        let script =
            "stat -c '%n %a %u:%g' /bin /etc/new /etc/new/deep/app.ini /data /www/page.html";
        let (code, lines) = stage.sh("one", script).await;
        assert_eq!(code, 0, "{lines:?}");
        assert_eq!(
            lines,
            [
                "/bin 755 0:0",
                "/etc/new 755 0:0",
                "/etc/new/deep/app.ini 640 33:44",
                "/data 2750 7:8",
                "/www/page.html 644 0:0",
            ]
        );
        let big = [FileEntry::new("/www/big", 0o600, vec![b'x'; 8 << 20])];
        stage.docker.upload_files(&spec.name, &big).await.unwrap();
        let (_, lines) = stage.sh("one", "stat -c %s /www/big; stat -c %a /data").await;
        assert_eq!(lines, ["8388608", "2750"]);

        let archive = stage.docker.download(&spec.name, "/etc/new/deep").await.unwrap();
        let names: Vec<String> = tar::Archive::new(archive.as_slice())
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect();
        assert_eq!(names, ["deep/", "deep/app.ini"]);
        // The engine is asked to stop, and goes on answering.
        let start = stage.docker.download_within(&spec.name, "/www/big", 1 << 20).await.unwrap();
        assert_eq!((start.tar.len(), start.is_whole), (1 << 20, false));
        let missing = stage.docker.download(&spec.name, "/nowhere").await.unwrap_err();
        assert!(missing.is_not_found(), "{missing:?}");
    });
}

#[test]
fn exec_feeds_and_closes_standard_input_and_tells_the_streams_apart() {
    Stage::run("exec", async |stage| {
        stage.import_image().await;
        stage.started(&stage.container("one")).await;
        let big = "0123456789abcde\n".repeat(128 * 1024);
        let cat = Exec {
            argv: vec!["/bin/cat".to_owned()],
            stdin: Some(big.clone().into_bytes()),
            ..Exec::default()
        };
        let (code, lines) = stage.exec("one", cat).await;
        assert_eq!((code, lines.len()), (0, 128 * 1024));

        let argv = ["/bin/sh", "-c", "pwd; id -u; printf 'no end' >&2; exit 7"];
        let both = Exec {
            argv: argv.map(str::to_owned).to_vec(),
            user: Some("12:34".to_owned()),
            folder: Some("/bin".to_owned()),
            ..Exec::default()
        };
        let (code, mut lines) = stage.exec("one", both).await;
        lines.sort_by_key(|(output, _)| *output == Output::Stderr);
        let expected =
            [(Output::Stdout, "/bin"), (Output::Stdout, "12"), (Output::Stderr, "no end")];
        assert_eq!(code, 7);
        assert_eq!(lines, expected.map(|(output, line)| (output, line.to_owned())));

        let unread = Exec {
            argv: ["/bin/sh", "-c", "exec <&-; echo done"].map(str::to_owned).to_vec(),
            stdin: Some(big.into_bytes()),
            ..Exec::default()
        };
        let (code, lines) = stage.exec("one", unread).await;
        assert_eq!((code, lines), (0, vec![(Output::Stdout, "done".to_owned())]));

        let missing = Exec { argv: vec!["/bin/nothing".to_owned()], ..Exec::default() };
        let (code, lines) = stage.exec("one", missing).await;
        assert!(code == 126 || code == 127, "{code}");
        assert!(lines[0].1.contains("no such file"), "{lines:?}");

        let (code, _) = stage.sh("one", "exec >&- 2>&-; sleep 0.3; exit 5").await;
        assert_eq!(code, 5);
    });
}

#[test]
fn exec_in_a_container_that_ended_is_an_error_and_does_not_hang() {
    Stage::run("ended", async |stage| {
        stage.import_image().await;
        let mut spec = stage.container("one");
        spec.command = vec!["/bin/sleep".to_owned(), "0.5".to_owned()];
        stage.started(&spec).await;
        let wait = Exec { argv: vec!["/bin/sleep".to_owned(), "60".to_owned()], ..Exec::default() };
        let since = std::time::Instant::now();
        for _ in 0..2 {
            let error = stage.docker.exec(&spec.name, &wait, &mut |_, _| ()).await.unwrap_err();
            assert!(matches!(error, DockerError::ContainerEnded { .. }), "{error:?}");
        }
        assert!(since.elapsed().as_secs() < 20);
    });
}

#[test]
fn a_commit_keeps_files_and_given_labels_but_nothing_of_its_builder() {
    Stage::run("commit", async |stage| {
        stage.import_image().await;
        let mut builder_labels = stage.labels();
        builder_labels.insert(label::OWNER.to_owned(), "somebody".to_owned());
        let spec = BuildSpec {
            name: stage.name("builder"),
            image: stage.name("image"),
            command: ["/bin/sh", "-c", "echo \"$TOKEN\"; mkdir /made; ls -a /"]
                .map(str::to_owned)
                .to_vec(),
            env: [("TOKEN".to_owned(), "it's $ecret".to_owned())].into(),
            labels: builder_labels,
            files: vec![FileEntry::new("/input", 0o644, "x")],
            network: BuildNetwork::None,
        };
        stage.docker.create_builder(&spec).await.unwrap();
        stage.docker.start(&spec.name).await.unwrap();
        assert_eq!(stage.docker.wait(&spec.name).await.unwrap(), 0);
        let lines = stage.docker.logs(&spec.name, 100).await.unwrap();
        assert_eq!(lines[0], "it's $ecret");
        assert!(!lines.iter().any(|line| line.contains("launcher")), "{lines:?}");

        let mut given = stage.labels();
        given.insert(label::KEY.to_owned(), "abc".to_owned());
        let id = stage.docker.commit(&spec.name, &stage.name("made"), &given).await.unwrap();
        let images = stage.docker.images(&given).await.unwrap();
        assert_eq!(images.len(), 1);
        assert_eq!(images[0].id, id);
        assert_eq!(images[0].labels[label::OWNER], "");

        let mut inside = stage.container("inside");
        inside.image = stage.name("made");
        stage.started(&inside).await;
        let (_, lines) = stage.sh("inside", "cat /input; ls -d /made; env").await;
        assert_eq!(lines[..2], ["x/made".to_owned(), lines[1].clone()]);
        assert!(!lines.iter().any(|line| line.contains("TOKEN")), "{lines:?}");
        let by_owner: Labels = [(label::OWNER.to_owned(), String::new())].into();
        let owned = stage.docker.inventory(&by_owner).await.unwrap();
        assert!(!owned.iter().any(|found| found.resource.name == inside.name), "{owned:?}");
    });
}

#[test]
fn a_network_has_its_subnet_and_its_containers_their_addresses() {
    Stage::run("network", async |stage| {
        stage.import_image().await;
        let used = stage.docker.used_subnets().await.unwrap();
        let free = (0..255).map(|third| format!("10.213.{third}.0/24"));
        let subnet = free.into_iter().find(|subnet| !used.contains(subnet)).unwrap();
        let network = NetworkSpec {
            name: stage.name("net"),
            subnet: subnet.clone(),
            gateway: None,
            ipv6: None,
            internal: true,
            bridge: None,
            labels: stage.labels(),
        };
        stage.docker.create_network(&network).await.unwrap();
        assert!(stage.docker.used_subnets().await.unwrap().contains(&subnet));
        let twice = stage.docker.create_network(&network).await.unwrap_err();
        assert!(twice.is_conflict(), "{twice:?}");
        let overlaps = NetworkSpec { name: stage.name("net2"), ..network.clone() };
        let overlaps = stage.docker.create_network(&overlaps).await.unwrap_err();
        assert!(overlaps.is_conflict(), "{overlaps:?}");

        let address = subnet.replace(".0/24", ".77");
        let mut spec = stage.container("one");
        spec.network = Attachment::Own {
            network: network.name.clone(),
            address: address.clone(),
            ipv6: None,
            aliases: vec!["www.site.example".to_owned()],
            dns: vec![subnet.replace(".0/24", ".53")],
        };
        spec.hostname = Some("box".to_owned());
        spec.limits.memory = Some(64 << 20);
        spec.limits.milli_cpus = Some(900_000);
        spec.limits.pids = Some(64);
        spec.limits.shm = Some(16 << 20);
        spec.tmpfs = BTreeMap::from([("/scratch".to_owned(), "size=1m".to_owned())]);
        spec.env = BTreeMap::from([("LANG".to_owned(), "C".to_owned())]);
        stage.started(&spec).await;
        let state = stage.docker.inspect(&spec.name).await.unwrap();
        assert!(state.running);
        assert_eq!(state.address, Some(address));
        let arp = "/proc/sys/net/ipv4/neigh/eth0/retrans_time_ms";
        let (_, lines) = stage.sh("one", &format!("cat /etc/hostname {arp}; env")).await;
        assert_eq!(lines[0], "box");
        assert!(lines[1].parse::<u32>().unwrap() < 20, "{lines:?}");
        assert!(lines.contains(&"LANG=C".to_owned()));

        let mut pod = stage.container("two");
        pod.network = Attachment::SharedWith(spec.name.clone());
        stage.started(&pod).await;
        let (_, lines) = stage.sh("two", "cat /proc/net/fib_trie").await;
        assert!(lines.iter().any(|line| line.contains(".77")), "{lines:?}");

        let busy = stage.docker.remove_network(&network.name).await.unwrap_err();
        assert!(busy.is_conflict(), "{busy:?}");
        let found = stage.docker.inventory(&stage.labels()).await.unwrap();
        let kinds: Vec<_> =
            found.iter().map(|found| (found.resource.kind, found.running)).collect();
        assert_eq!(
            kinds,
            [
                (ResourceKind::Container, true),
                (ResourceKind::Container, true),
                (ResourceKind::Network, false),
            ]
        );
        assert!(found.iter().all(|found| found.created > 1_700_000_000), "{found:?}");
    });
}

#[test]
fn what_is_not_there_is_removed_already_and_cannot_be_used() {
    Stage::run("gone", async |stage| {
        let name = stage.name("nothing");
        stage.docker.remove_container(&name).await.unwrap();
        stage.docker.remove_network(&name).await.unwrap();
        stage.docker.remove_volume(&name).await.unwrap();
        stage.docker.remove_image(&name).await.unwrap();
        for error in [
            stage.docker.start(&name).await.unwrap_err(),
            stage.docker.wait(&name).await.unwrap_err(),
            stage.docker.create_container(&stage.container("one")).await.unwrap_err(),
            stage.docker.commit(&name, &name, &stage.labels()).await.unwrap_err(),
        ] {
            assert!(error.is_not_found(), "{error:?}");
        }
    });
}

#[test]
fn two_removals_at_once_both_end_well() {
    Stage::run("twice", async |stage| {
        stage.import_image().await;
        let spec = stage.container("one");
        stage.started(&spec).await;
        let (one, two) = tokio::join!(
            stage.docker.remove_container(&spec.name),
            stage.docker.remove_container(&spec.name),
        );
        one.unwrap();
        two.unwrap();
        assert_eq!(stage.docker.inventory(&stage.labels()).await.unwrap(), []);
    });
}

/// What an engine before 27 does not close by itself: packets of IPv6 go to everything that its host
/// has a route to.
#[test]
fn a_closed_network_has_ipv6_that_leads_nowhere_else() {
    Stage::run("ipv6", async |stage| {
        stage.import_image().await;
        let used = stage.docker.used_subnets().await.unwrap();
        let start = std::process::id();
        let closed = Subnet::free(&used, NetworkFamilies::Both, start).unwrap();
        let other =
            Subnet::free(&[used, vec![closed.to_string()]].concat(), NetworkFamilies::Both, start);
        let network = |part: &str, subnet: Subnet, internal: bool| NetworkSpec {
            name: stage.name(part),
            subnet: subnet.to_string(),
            gateway: Some(subnet.address(1)),
            ipv6: Some(subnet.ipv6()),
            internal,
            bridge: None,
            labels: stage.labels(),
        };
        let [closed_network, other_network] =
            [network("closed", closed, true), network("other", other.unwrap(), false)];
        stage.docker.create_network(&closed_network).await.unwrap();
        stage.docker.create_network(&other_network).await.unwrap();
        let used = stage.docker.used_subnets().await.unwrap();
        assert!(used.contains(&closed.ipv6().subnet), "{used:?}");

        let listener = std::net::TcpListener::bind("[::]:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut spec = stage.container("one");
        let of = |subnet: Subnet, number: &str| subnet.ipv6().subnet.replace("/64", number);
        spec.network = Attachment::Own {
            network: closed_network.name.clone(),
            address: closed.address(7),
            ipv6: Some(of(closed, "7")),
            aliases: vec![],
            dns: vec![],
        };
        stage.started(&spec).await;
        // The engine's host answers once it is sure that nobody else has its address.
        let connects = async |address: String| {
            let script = format!(
                "timeout 5 bash -c 'until (exec 3<>/dev/tcp/{address}/{port}); do :; done'"
            );
            stage.sh("one", &script).await.0 == 0
        };
        let gateway = of(closed, "1");
        assert!(connects(gateway).await, "the engine's own address on the network, as by IPv4");
        let beyond = of(other.unwrap(), "1");
        assert!(!connects(beyond).await, "an address of the engine's host on another network");
    });
}
