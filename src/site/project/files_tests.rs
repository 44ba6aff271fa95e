//! What a live host has on its disk: folders that live on, files that are rendered or copied.

use std::fs;

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};

fn site(more: &str) -> TestProject {
    let project = TestProject::new();
    let live = project.root.join("environments/live");
    fs::create_dir_all(live.join("theme")).unwrap();
    fs::write(live.join("theme/a.css"), "a {}\n").unwrap();
    fs::write(live.join("geo.mmdb"), [0, 159, 146, 150]).unwrap();
    project.file("templates/a.ini.j2", "a\n").site("shop", &format!("{LEAST}{more}"))
}

#[test]
fn folders_and_files_may_be_anybody_s() {
    let site = site(
        "data: [/srv/app/data, {path: /var/lib/shop, mode: '2775', owner: www-data, group: '33'}]\n\
         files:\n  - {path: /etc/a.ini, template: a.ini.j2}\n  \
         - {path: /etc/b.ini, template: a.ini.j2, owner: root, group: adm, mode: '0600'}\n  \
         - {path: /usr/share/geo.mmdb, source: live/geo.mmdb, owner: app}\n  \
         - {path: /srv/theme, source: live/theme}\n",
    )
    .one();
    let shown = serde_json::json!({"data": site.data, "files": site.files});
    let root = site.files[0].content.clone().host_path().ancestors().nth(2).unwrap().to_owned();
    let shown = format!("{shown:#}").replace(root.to_str().unwrap(), "[project]");
    assert_snapshot!(shown, @r#"
    {
      "data": [
        "/srv/app/data",
        {
          "path": "/var/lib/shop",
          "mode": "2775",
          "owner": "www-data",
          "group": "33"
        }
      ],
      "files": [
        {
          "path": "/etc/a.ini",
          "template": "[project]/templates/a.ini.j2",
          "owner": "app",
          "mode": 416
        },
        {
          "path": "/etc/b.ini",
          "template": "[project]/templates/a.ini.j2",
          "owner": "root",
          "group": "adm",
          "mode": 384
        },
        {
          "path": "/usr/share/geo.mmdb",
          "source": "[project]/environments/live/geo.mmdb",
          "owner": "app",
          "mode": 416
        },
        {
          "path": "/srv/theme",
          "source": "[project]/environments/live/theme",
          "owner": "app",
          "mode": null
        }
      ]
    }
    "#);
    let owners = |owner: Option<&str>, group: Option<&str>| {
        let name = |text: &str| text.parse().unwrap();
        site.owner_of(owner.map(name).as_ref(), group.map(name).as_ref())
    };
    assert_eq!(owners(None, None), "app:");
    assert_eq!(owners(None, Some("www-data")), "app:www-data");
    assert_eq!(owners(Some("1000"), None), "1000:1000");
    assert_eq!(owners(Some("Debian-exim"), Some("0")), "Debian-exim:0");
}

#[test]
fn what_is_wrong_with_them_is_said() {
    let project = site(
        "data:\n  - /srv/a\n  - {path: /srv/a, mode: '9'}\n  - {mode: '0755'}\n  \
         - {path: /etc, owner: 'a b', goup: x}\n\
         files:\n  - {path: /etc/a, owner: '-x', group: 'x:y'}\n  \
         - {path: /etc/b, template: a.ini.j2, source: live}\n  \
         - {path: /etc/c, source: lvie}\n  - {path: /etc/d, source: /etc/passwd}\n  \
         - {path: /etc/e, source: ../../x}\n",
    );
    assert_snapshot!(project.problems(), @r#"
    error: environments/shop.yaml:7:5: data.1: `/srv/a` is there twice
    error: environments/shop.yaml:7:26: data.1.mode: `9` is not a file mode
    hint: write three or four octal digits in quotes: "0640"
    error: environments/shop.yaml:8:5: data.2: the key `path` is missing
    hint: such as `path: "/srv/noticeboard/media"`
    error: environments/shop.yaml:9:12: data.3.path: `/etc` belongs to the system
    hint: name a folder of the app's own below it
    error: environments/shop.yaml:9:25: data.3.owner: `a b` is not a name of a user or group, or its number
    error: environments/shop.yaml:9:32: data.3: unknown key `goup`
    hint: did you mean `group`?
    error: environments/shop.yaml:11:5: files.0: it is not said what is in the file
    hint: write `template: noticeboard.ini.j2`, or `source:` for what is copied as it is
    error: environments/shop.yaml:11:27: files.0.owner: `-x` is not a name of a user or group, or its number
    error: environments/shop.yaml:11:40: files.0.group: `x:y` is not a name of a user or group, or its number
    error: environments/shop.yaml:12:5: files.1: `template` and `source` are both there
    hint: a file is rendered, or copied as it is
    error: environments/shop.yaml:13:28: files.2.source: there is no file or folder `environments/lvie`
    hint: did you mean `live`?
    error: environments/shop.yaml:14:28: files.3.source: `/etc/passwd` is an absolute path
    hint: write a path from environments
    error: environments/shop.yaml:15:28: files.4.source: `../../x` leads out of the project
    hint: copy what is needed into the project
    "#);
}

#[test]
fn nothing_leads_out_of_a_copied_folder() {
    let folder = "environments/live/theme";
    let with_link = |to: &str| {
        let project = site("files: [{path: /srv/theme, source: live/theme}]\n");
        std::os::unix::fs::symlink(to, project.root.join(folder).join("link")).unwrap();
        project
    };
    with_link("a.css").one();
    for to in ["../geo.mmdb", "/etc/passwd", "../../../../x", "nowhere"] {
        let expected = "error: environments/shop.yaml:5:36: files.0.source: `link` of `live/theme` is a link that leads out of it\n\
             hint: copy what is needed into the folder\n";
        assert_eq!(with_link(to).problems(), expected, "{to}");
    }
    let linked = site("files: [{path: /srv/theme, source: out}]\n");
    std::os::unix::fs::symlink("/etc", linked.root.join("environments/out")).unwrap();
    assert_snapshot!(linked.problems(), @"
    error: environments/shop.yaml:5:36: files.0.source: `environments/out` is a link that leads out of the project
    hint: copy what is needed into the project
    ");
    let piped = site("files: [{path: /srv/theme, source: live/theme}]\n");
    let _socket =
        std::os::unix::net::UnixListener::bind(piped.root.join(folder).join("socket")).unwrap();
    assert_snapshot!(piped.problems(), @"error: environments/shop.yaml:5:36: files.0.source: `socket` of `live/theme` is not a regular file");
}
