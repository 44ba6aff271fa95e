//! What makes an image another one, and what does not.

use std::collections::BTreeMap;

use crate::release::Release;
use crate::replica::fixture::{self, SHOP, Stand, wheel};
use crate::replica::{ImageIndex, Parent, Plan};

/// The key of every image by kind, as if ids were their keys.
fn keys(plan: &Plan) -> BTreeMap<String, String> {
    fn key(plan: &Plan, index: ImageIndex) -> String {
        let spec = plan.chain.get(index);
        match &spec.parent {
            Parent::Origin(_) => spec.recipe.clone(),
            Parent::Image(parent) => spec.key(&key(plan, *parent)),
        }
    }
    let chain = plan.chain.iter();
    chain.map(|(index, spec)| (spec.title.clone(), key(plan, index))).collect()
}

/// The images of the second description that the first one does not have.
fn made_anew(one: (&str, Release), two: (&str, Release)) -> Vec<String> {
    let keys_of = |(text, release): (&str, Release)| {
        let stand = Stand::new(&[("site", text)]);
        keys(&fixture::plan(stand.site(), &release).unwrap())
    };
    let (one, two) = (keys_of(one), keys_of(two));
    let known: Vec<&String> = one.values().collect();
    let new = two.iter().filter(|(_, key)| !known.contains(key));
    new.map(|(title, _)| title.clone()).collect()
}

#[test]
fn what_a_change_makes_anew() {
    let edit = |from: &str, to: &str| {
        let text = SHOP.replace(from, to);
        assert_ne!(text, SHOP, "{from}");
        text
    };
    let above_the_packages = [
        "dependencies of shop for site",
        "environment of site",
        "environment of the suite of site",
        "shop for site",
    ];
    let all_of_the_site = [
        "dependencies of shop for site",
        "environment of site",
        "environment of the suite of site",
        "packages of site",
        "shop for site",
        "test tools of site",
    ];
    let table: [(&str, String, &[&str]); 17] = [
        ("nothing", SHOP.to_owned(), &[]),
        ("a variable", edit("THEME: plain", "THEME: fancy"), &[]),
        (
            "a name",
            edit("names: [www.shop.example,", "names: [new.shop.example, www.shop.example,"),
            &[],
        ),
        ("a deploy step", edit("shop-admin migrate", "shop-admin migrate --now"), &[]),
        ("workers", edit("from: distribution,", "from: distribution, workers: 5,"), &[]),
        ("a health path", edit("/healthz", "/alive"), &[]),
        ("a time-out", edit("startup: 200ms", "startup: 300ms"), &[]),
        ("memory", SHOP.to_owned() + "resources: {memory: 1GiB}\n", &[]),
        (
            "a package",
            edit("debian: bookworm", "debian: bookworm, packages: [gettext-base]"),
            &all_of_the_site,
        ),
        (
            "a pinned build package",
            edit("{as_of", "{build_packages: [gcc=4:12.2.0-3], as_of"),
            &["dependencies of shop for site", "shop for site"],
        ),
        (
            "a locale",
            edit("debian: bookworm", "debian: bookworm, locale: de_DE.UTF-8"),
            &all_of_the_site,
        ),
        (
            "a time zone",
            edit("debian: bookworm", "debian: bookworm, timezone: Asia/Tokyo"),
            &above_the_packages,
        ),
        (
            "a folder that lives on",
            SHOP.to_owned() + "data: [/srv/shop/media]\n",
            &above_the_packages,
        ),
        (
            "a group",
            edit("\nuser: shop\n", "\nuser: {name: shop, groups: [media]}\n"),
            &above_the_packages,
        ),
        (
            "a date",
            edit("2026-02-18", "2026-02-19"),
            &[
                "dependencies of shop for site",
                "environment of the suite of site",
                "shop for site",
                "test tools of site",
            ],
        ),
        (
            "an addition",
            edit("{as_of", "{extra: [\"x==1\"], as_of"),
            &["dependencies of shop for site", "shop for site"],
        ),
        (
            "the database",
            edit("database: shop,", "database: other,"),
            &["database other of PostgreSQL 15"],
        ),
    ];
    for (what, text, expected) in table {
        assert_eq!(made_anew((SHOP, wheel("1.0")), (&text, wheel("1.0"))), expected, "{what}");
    }
}

#[test]
fn a_new_wheel_makes_the_release_anew_and_nothing_else() {
    assert_eq!(made_anew((SHOP, wheel("1.0")), (SHOP, wheel("1.1"))), ["shop for site"]);
}

#[test]
fn a_new_lock_makes_dependencies_and_release_anew() {
    let text = SHOP.replace("as_of: 2026-02-18", "requirements: ../requirements.lock");
    let stand = Stand::new(&[("site", &text)]);
    let before = keys(&stand.plan());
    std::fs::write(stand.root().join("requirements.lock"), "flask==3.1.4\n").unwrap();
    let after = keys(&stand.plan());
    let new: Vec<_> = after.iter().filter(|(title, key)| before[*title] != **key).collect();
    let new: Vec<_> = new.into_iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(new, ["dependencies of shop for site", "shop for site"]);
}

#[test]
fn a_file_that_a_lock_includes_counts_as_the_lock_does() {
    let text = SHOP.replace("as_of: 2026-02-18", "requirements: ../all.txt");
    let stand = Stand::with_files(
        &[("site", &text)],
        &[("all.txt", "-r base.txt\n"), ("base.txt", "flask==3.1.3\n"), ("other.txt", "")],
    );
    let before = keys(&stand.plan());
    std::fs::write(stand.root().join("other.txt"), "x\n").unwrap();
    assert_eq!(keys(&stand.plan()), before);
    std::fs::write(stand.root().join("base.txt"), "flask==3.1.4\n").unwrap();
    let after = keys(&stand.plan());
    let new: Vec<_> = after.iter().filter(|(title, key)| before[*title] != **key).collect();
    let new: Vec<_> = new.into_iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(new, ["dependencies of shop for site", "shop for site"]);
}

/// A wheel that was built again under its old name and version is another one.
#[test]
fn what_is_in_a_wheel_of_the_wheel_house_counts_whatever_it_is_called() {
    let text = SHOP.replace("as_of: 2026-02-18", "wheels: ../wheels");
    let name = "wheels/theme-1.0-py3-none-any.whl";
    let stand = Stand::with_files(&[("site", &text)], &[(name, "one content")]);
    let before = keys(&stand.plan());
    assert_eq!(keys(&stand.plan()), before);
    std::fs::write(stand.root().join(name), "two content").unwrap();
    let after = keys(&stand.plan());
    let new: Vec<_> = after.iter().filter(|(title, key)| before[*title] != **key).collect();
    let new: Vec<_> = new.into_iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(
        new,
        [
            "dependencies of shop for site",
            "environment of the suite of site",
            "shop for site",
            "test tools of site"
        ]
    );
}

#[test]
fn the_site_s_pip_and_the_extras_make_what_they_install_anew() {
    let text = |install: &str| SHOP.replace("{as_of: 2026-02-18}", install);
    let release = || Release {
        requires_dist: Some(vec!["flask>=3".to_owned(), "six ; extra == 'pdf'".to_owned()]),
        extras: vec!["pdf".to_owned()],
        ..wheel("1.0")
    };
    let both = ["dependencies of shop for site", "shop for site"];
    let table: [(&str, &[&str]); 5] = [
        ("{with: uv}", &[]),
        ("{extra: [shop]}", &[]),
        ("{with: pip}", &both),
        ("{extras: [pdf]}", &both),
        ("{extra: ['shop[pdf]']}", &both),
    ];
    let plain = text("{}");
    for (install, expected) in table {
        let new = made_anew((&plain, release()), (&text(install), release()));
        assert_eq!(new, expected, "{install}");
    }
    let [one, two] = ["{extras: [pdf]}", "{extra: ['shop[pdf]']}"].map(text);
    assert_eq!(made_anew((&one, release()), (&two, release())), [""; 0]);
}

#[test]
fn new_test_tools_make_the_suite_anew_and_nothing_else() {
    let text = SHOP.replace("budget: 2s", "budget: 2s, requirements: ../tools.txt");
    let stand = Stand::with_files(&[("site", &text)], &[("tools.txt", "")]);
    let mut seen = Vec::new();
    for tools in ["pytest==8\n", "pytest==9\n"] {
        std::fs::write(stand.root().join("tools.txt"), tools).unwrap();
        seen.push(keys(&stand.plan()));
    }
    let new: Vec<_> = seen[1].iter().filter(|(title, key)| seen[0][*title] != **key).collect();
    let new: Vec<_> = new.into_iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(new, ["environment of the suite of site", "test tools of site"]);
}

#[test]
fn a_new_secret_makes_nothing_anew() {
    let stand = Stand::new(&[("site", SHOP)]);
    let keys_with = |value: &str| {
        let secrets = crate::replica::Secrets::from_json(
            serde_json::json!({"db": value}).to_string().as_bytes(),
        )
        .unwrap();
        let (spec, of) = (fixture::run_spec(&stand.release), crate::replica::Keys::of(secrets));
        let place = (crate::replica::Subnet::nth(7), &[][..]);
        let plan = Plan::new(&spec, stand.site(), &of, place);
        keys(&plan.unwrap())
    };
    assert_eq!(keys_with("first-secret"), keys_with("second-secret"));
}

#[test]
fn sites_that_agree_share_their_images() {
    let stand = Stand::new(&[("one", SHOP), ("two", SHOP)]);
    let plans = [0, 1].map(|n| {
        let plan = fixture::plan(&stand.project.sites[n], &stand.release).unwrap();
        keys(&plan).into_values().collect::<Vec<_>>()
    });
    let mut sorted = plans.clone();
    for keys in &mut sorted {
        keys.sort();
    }
    assert_eq!(sorted[0], sorted[1]);
}
