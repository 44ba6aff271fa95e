use super::*;

fn process(pid: u32, parent: u32, argv: &[&str], unit: Option<&str>) -> Process {
    Process {
        pid,
        parent,
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        unit: unit.map(str::to_owned),
        ..Process::default()
    }
}

fn unit(name: &str, command: &str) -> Unit {
    let settings = vec![("ExecStart".to_owned(), command.to_owned())];
    Unit { name: name.to_owned(), settings, ..Unit::default() }
}

#[test]
fn the_only_app_is_found_and_its_workers_are_not_others() {
    let argv = ["/venv/bin/python", "/venv/bin/gunicorn", "shop:app"];
    let host = Host {
        processes: vec![
            process(10, 1, &argv, Some("shop.service")),
            process(11, 10, &argv, Some("shop.service")),
        ],
        units: vec![
            unit("shop.service", "/venv/bin/gunicorn shop:app"),
            unit("work.service", "/venv/bin/celery worker"),
        ],
        ..Host::default()
    };
    let app = choose(&host, None).unwrap();
    assert_eq!((app.name.as_str(), app.server), ("shop", Server::Gunicorn));
    assert_eq!(apps_of(&host).len(), 1);
}

#[test]
fn several_have_to_be_told_apart_and_a_wrong_name_shows_the_nearest() {
    let host = Host {
        units: vec![
            unit("shop.service", "/a/bin/gunicorn a:b"),
            unit("board.service", "/b/bin/waitress-serve x:y"),
        ],
        ..Host::default()
    };
    let failure = choose(&host, None).unwrap_err();
    assert_eq!(failure.hints, ["say which: `--unit shop`"]);
    let failure = choose(&host, Some("bord")).unwrap_err();
    assert_eq!(failure.hints, ["those that are there, the nearest first: board, shop"]);
    assert_eq!(choose(&host, Some("board.service")).unwrap().server, Server::Waitress);
}
