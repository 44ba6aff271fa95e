use super::*;

#[test]
fn an_address_of_a_live_host_gives_way_to_the_services_name() {
    let role = |host: &str| Role {
        name: "db".to_owned(),
        kind: Kind::Postgres,
        variable: "DATABASE_URL".to_owned(),
        host: Some(host.to_owned()),
        user: Some("shop".to_owned()),
        has_password: true,
        database: None,
        virtual_host: None,
    };
    for (host, url, described) in [
        (
            "10.0.0.2",
            "postgresql://10.0.0.2:5432/shop",
            "postgresql://shop:${secret.db}@db:5432/shop",
        ),
        ("fd00::2", "postgresql://[fd00::2]/shop", "postgresql://shop:${secret.db}@db/shop"),
        (
            "db.corp.example",
            "postgresql://db.corp.example/shop",
            "postgresql://shop:${secret.db}@db.corp.example/shop",
        ),
    ] {
        assert_eq!(role(host).url(url, "lup"), described);
    }
}

#[test]
fn a_path_is_a_virtual_host() {
    for (path, host) in [
        ("", ""),
        ("%2F", ""),
        ("/", ""),
        ("board", "board"),
        ("%2fboard", "/board"),
        ("a%zz", "a%zz"),
    ] {
        assert_eq!(virtual_host_of(path), host, "{path}");
    }
}
