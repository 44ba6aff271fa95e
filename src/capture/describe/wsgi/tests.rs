use super::application::application_of_script;
use super::options::options_of;

fn argv(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn options_are_read_however_they_are_written() {
    let (options, alone) = options_of(&argv(
        "-w 3 --bind=unix:/run/shop.sock --timeout 60 --preload -k gthread shop.wsgi:app --max-requests=500",
    ));
    assert_eq!(alone, ["shop.wsgi:app"]);
    let text = serde_json::to_string(&options).unwrap();
    assert_eq!(
        text,
        r#"{"bind":"unix:/run/shop.sock","max-requests":500,"preload":true,"timeout":60,"worker-class":"gthread","workers":3}"#
    );
}

#[test]
fn a_script_says_its_application_where_it_only_imports_it() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let said = |text: &str| application_of_script(&lines(text));
    assert_eq!(
        said("import sys\nfrom shop.wsgi import application\n").as_deref(),
        Some("shop.wsgi:application")
    );
    assert_eq!(said("from shop import app as application").as_deref(), Some("shop:app"));
    assert_eq!(
        said("from shop import create_app\napplication = create_app()").as_deref(),
        Some("shop:create_app()")
    );
    assert_eq!(said("from shop import create_app\napplication = create_app('x')"), None);
}
