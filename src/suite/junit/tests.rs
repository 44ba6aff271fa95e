use super::*;

fn told(xml: impl AsRef<[u8]>) -> String {
    let line = |test: &Test| {
        let Test { status, took, message, details, .. } = test;
        format!("{} {status:?} {took} {message:?} {details:?}", test.label())
    };
    match read(xml.as_ref()) {
        Ok(tests) => tests.iter().map(line).collect::<Vec<_>>().join("\n"),
        Err(failure) => {
            assert_eq!(failure.kind, Kind::NoResult);
            failure.causes.join("; ")
        }
    }
}

#[test]
fn a_pytest_file_reads_as_its_tests() {
    let xml = r#"<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" tests="3">
        <testcase classname="test_a" name="test_one" time="0.25" />
        <testcase classname="test_b.TestX" name="test_two[1-b]" time="0.5"><failure message="assert 1 == 2">trace</failure></testcase>
        <testcase classname="test_c" name="test_three" time="0"><skipped type="pytest.skip" message="no">x</skipped></testcase>
        </testsuite></testsuites>"#;
    insta::assert_snapshot!(told(xml), @r#"
    test_a.py::test_one Passed 0.25 None None
    test_b.py::TestX::test_two[1-b] Failed 0.5 Some("assert 1 == 2") Some("trace")
    test_c.py::test_three Skipped 0 Some("no") None
    "#);
}

#[test]
fn details_keep_every_letter() {
    let xml = "<testsuite><testcase name='a'><error message='&lt;a&gt; &#34;b&#34;&#10;c'>\
        &gt;   x = f(&quot;&amp;&quot;)\nE   &lt;Response [200]&gt;<![CDATA[ & <b>]]>&#x20AC;</error></testcase></testsuite>";
    insta::assert_snapshot!(told(xml), @r#"a Error 0 Some("<a> \"b\"\nc") Some(">   x = f(\"&\")\nE   <Response [200]> & <b>€")"#);
}

#[test]
fn what_a_red_test_printed_is_kept_wherever_it_stands() {
    let xml = "<testsuite><testcase name='a'><system-out>before</system-out><failure/>\
        <system-err>after &lt;</system-err></testcase>\
        <testcase name='b'><system-out>nobody asks</system-out></testcase></testsuite>";
    let captured: Vec<Option<String>> =
        read(xml.as_bytes()).unwrap().into_iter().map(|test| test.captured).collect();
    assert_eq!(captured, [Some("before\nafter <".to_owned()), None]);
}

#[test]
fn other_runners_nest_their_suites_and_say_more() {
    let xml = "<testsuite><properties><property name='x' value='y'/></properties><testsuite>\
        <testcase name='a' time='1,5'><system-out>text<failure/></system-out></testcase>\
        <testcase name='b' time='NaN'><skipped/><failure message='m'/><skipped message='s'/></testcase>\
        <testcase name='c' time='-1'><failure/><error message='e'/></testcase>\
        </testsuite></testsuite><testsuite><testcase name='d'/></testsuite>";
    insta::assert_snapshot!(told(xml), @r#"
    a Passed 0 None None
    b Failed 0 Some("m") None
    c Error 0 Some("e") None
    d Passed 0 None None
    "#);
    assert_eq!(told("<testsuites/>"), "");
}

#[test]
fn what_cannot_be_read_says_where_and_why() {
    let laughs = "<!DOCTYPE a [<!ENTITY l 'lol'><!ENTITY m '&l;&l;&l;'>]>\n<testsuite name='&m;'/>";
    let table: &[(&[u8], &str)] = &[
        (b"", "there is no `testsuites` and no `testsuite` in it"),
        (b"<html/>", "there is no `testsuites` and no `testsuite` in it"),
        (b"<testsuites>", "it is cut short"),
        (
            b"<testsuite><testcase name='a'",
            "line 1: syntax error: tag not closed: `>` not found before end of input",
        ),
        (b"\n\xff\xfe", "line 2: it is not UTF-8 text"),
        (b"<testsuite>\n\0</testsuite>", "line 2: there is a NUL byte"),
        (
            b"<testsuite>\n<testcase/></a>",
            "line 2: ill-formed document: expected `</testsuite>`, but `</a>` was found",
        ),
        (laughs.as_bytes(), "line 2: at 1..2: unrecognized entity `m`"),
        (b"<testsuite><testcase><failure>&m;", "line 1: nothing is known as `&m;`"),
        (b"<testsuite><testcase name='&#0;'/>", "line 1: invalid character reference: 0x0"),
    ];
    for (xml, expected) in table {
        let told = told(xml);
        assert!(told.starts_with(expected), "{}: {told}", String::from_utf8_lossy(xml));
    }
}

#[test]
fn monsters_are_refused_and_cost_nothing() {
    let attributes: Vec<String> = (0..300_000).map(|number| format!("a{number}='' ")).collect();
    let attributes = attributes.concat();
    let table = [
        ("<testsuite>".repeat(1_000_000), "line 1: more than 64 elements inside each other"),
        ("<a>".repeat(1_000_000), "line 1: more than 64 elements inside each other"),
        (format!("<testsuite {attributes}/>"), "line 1: an element with more than 64 attributes"),
        (
            format!("<testsuite>{}", "<testcase/>".repeat(1_000_000)),
            "line 1: it has more than 10000 tests",
        ),
        ("x".repeat(LARGEST_RESULT + 1), "it has 16777217 bytes, more than 16777216"),
    ];
    for (xml, expected) in table {
        assert_eq!(told(&xml), expected, "{}", &xml[..30]);
    }
}

#[test]
fn long_texts_are_kept_from_their_end() {
    let long = "é".repeat(1 << 20);
    let xml = format!(
        "<testsuite><testcase name='{long}'><failure message='{long}'>{long}end</failure></testcase></testsuite>"
    );
    let tests = read(xml.as_bytes()).unwrap();
    let Test { name, message, details, .. } = &tests[0];
    assert!(name.starts_with("[the first 2093056 bytes are left out]\né"), "{}", name.len());
    assert!(name.len() < KEPT_NAME + 50);
    assert!(message.as_ref().unwrap().len() < KEPT_DETAILS + 50);
    assert!(details.as_ref().unwrap().len() < KEPT_DETAILS + 50);
    assert!(details.as_ref().unwrap().ends_with("éend"));
}
