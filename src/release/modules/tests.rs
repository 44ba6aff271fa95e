//! Small projects, and what a build of each would package.

use super::super::fixture::{self, Entry};
use super::*;

/// The modules of a folder with these files, and how surely they are known.
fn of(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let root = fixture::tree(&folder.path().join("shop"), files);
    list_names(&Modules::of(&root).unwrap())
}

fn list_names(modules: &Modules) -> String {
    let names: Vec<&str> = modules.files.keys().map(String::as_str).collect();
    let surely = if modules.surely == Surely::Known { "" } else { " ?" };
    format!("{}{surely}", names.join(" "))
}

const CODE: [(&str, &str); 5] = [
    ("wsgi.py", ""),
    ("shop/__init__.py", ""),
    ("shop/api/__init__.py", ""),
    ("shop/api/v1.py", ""),
    ("tests/__init__.py", ""),
];

fn built_by(pyproject: &str) -> String {
    of(&[&CODE[..], &[("pyproject.toml", pyproject)]].concat())
}

#[test]
fn each_build_tool_packages_by_its_own_rules() {
    let build = |backend: &str, rest: &str| {
        built_by(&format!(
            "[build-system]\nbuild-backend = '{backend}'\n[project]\nname = 'Shop'\n{rest}"
        ))
    };
    let package = "shop shop.api shop.api.v1";
    for (backend, rest) in [
        ("hatchling.build", ""),
        ("flit_core.buildapi", ""),
        ("poetry.core.masonry.api", ""),
        ("pdm.backend", ""),
        ("uv_build", "[tool.uv.build-backend]\nmodule-root = ''\n"),
        ("poetry.core.masonry.api", "[tool.poetry]\npackages = [{include = 'shop'}]\n"),
        ("setuptools.build_meta", "[tool.setuptools.packages.find]\ninclude = ['shop*']\n"),
        ("setuptools.build_meta", "[tool.setuptools]\npackages = ['shop', 'shop.api']\n"),
    ] {
        assert_eq!(build(backend, rest), package, "{backend} {rest}");
    }
    let rest = "[tool.hatch.build.targets.wheel]\npackages = ['shop', 'wsgi.py']\n";
    assert_eq!(build("hatchling.build", rest), format!("{package} wsgi"));
    let rest = "[tool.setuptools]\npackages = ['shop']\npy-modules = ['wsgi']\n";
    assert_eq!(build("setuptools.build_meta", rest), "shop wsgi");
    // What is not known is not claimed.
    assert_eq!(build("maturin", ""), "shop shop.api shop.api.v1 tests wsgi ?");
    assert_eq!(build("setuptools.build_meta", ""), format!("{package} ?"));
}

#[test]
fn a_setup_py_is_taken_at_its_literals_and_a_setup_cfg_at_its_word() {
    let setup = |text: &str| of(&[&CODE[..], &[("setup.py", text)]].concat());
    let package = "shop shop.api shop.api.v1";
    assert_eq!(setup("setup(name='shop', packages=find_packages(exclude=['tests*']))\n"), package);
    assert_eq!(setup("setup(packages=['shop'], py_modules=['wsgi'])\n"), "shop wsgi");
    assert_eq!(
        setup("setup(packages=everything())\n"),
        "setup shop shop.api shop.api.v1 tests wsgi ?"
    );
    assert_eq!(
        of(&[
            ("setup.py", "setup(package_dir={'': 'webapp'}, packages=['a', 'a.b'])"),
            ("webapp/a/__init__.py", ""),
            ("webapp/a/b/views.py", ""),
            ("conf/x.py", "")
        ]),
        "a a.b.views"
    );
    let cfg = "[options]\npackages = find:\npackage_dir =\n    = src\n[options.packages.find]\nwhere = src\n";
    assert_eq!(
        of(&[("setup.py", ""), ("setup.cfg", cfg), ("src/a/__init__.py", ""), ("src/b/c.py", "")]),
        "a"
    );
}

#[test]
fn an_sdist_says_what_its_own_build_came_to() {
    let files = [
        ("setup.py", "setup(packages=everything())\n"),
        ("PKG-INFO", "Name: shop\nVersion: 1\n"),
        ("shop.egg-info/SOURCES.txt", "setup.py\n"),
        ("shop.egg-info/top_level.txt", "shop\n"),
    ];
    assert_eq!(of(&[&CODE[..], &files].concat()), "shop shop.api shop.api.v1");
}

#[test]
fn a_wheel_and_a_tree_are_what_is_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let wheel = fixture::zip(
        &folder.path().join("shop-1.0-py3-none-any.whl"),
        &[
            Entry::file("shop/__init__.py", b""),
            Entry::file("shop-1.0.data/purelib/more.py", b""),
            Entry::file("shop-1.0.dist-info/METADATA", b""),
        ],
    );
    assert_eq!(list_names(&Modules::of(&wheel).unwrap()), "more shop");
    let root = fixture::tree(&folder.path().join("t"), &[("web/mill/wsgi.py", ""), ("app.py", "")]);
    let tree = Modules::of(&root).unwrap();
    assert!(tree.has("app") && tree.has("mill.wsgi") && !tree.has("mill.asgi"));
}

#[test]
fn what_is_missing_is_told_from_what_a_requirement_may_bring() {
    let folder = tempfile::tempdir().unwrap();
    let build = "[build-system]\nbuild-backend = 'hatchling.build'\n[project]\nname = 'shop'\n";
    let root = fixture::tree(
        &folder.path().join("shop"),
        &[&CODE[..], &[("pyproject.toml", build)]].concat(),
    );
    let modules = Modules::of(&root).unwrap();
    let missing = |module: &str| {
        let missing = modules.missing(module).unwrap();
        (
            missing.surely,
            missing.nearest.unwrap_or_default(),
            missing.unpackaged.unwrap_or_default(),
        )
    };
    let row = |surely, nearest: &str, file: &str| (surely, nearest.to_owned(), file.to_owned());
    assert_eq!(modules.missing("shop.api"), None);
    assert_eq!(missing("wsgi"), row(Surely::Known, "", "wsgi.py"));
    assert_eq!(missing("shop.apj"), row(Surely::Known, "shop.api", ""));
    assert_eq!(missing("trac.web.main"), row(Surely::Guessed, "", ""));
}
