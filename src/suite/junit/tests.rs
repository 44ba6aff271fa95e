use super::*;

fn format_tests(xml: impl AsRef<[u8]>) -> String {
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
    insta::assert_snapshot!(format_tests(xml), @r#"
    test_a.py::test_one Passed 0.25 None None
    test_b.py::TestX::test_two[1-b] Failed 0.5 Some("assert 1 == 2") Some("trace")
    test_c.py::test_three Skipped 0 Some("no") None
    "#);
}

#[test]
fn details_keep_every_letter() {
    let xml = "<testsuite><testcase name='a'><error message='&lt;a&gt; &#34;b&#34;&#10;c'>\
        &gt;   x = f(&quot;&amp;&quot;)\nE   &lt;Response [200]&gt;<![CDATA[ & <b>]]>&#x20AC;</error></testcase></testsuite>";
    insta::assert_snapshot!(format_tests(xml), @r#"a Error 0 Some("<a> \"b\"\nc") Some(">   x = f(\"&\")\nE   <Response [200]> & <b>€")"#);
}

#[test]
fn a_module_that_cannot_be_collected_says_why() {
    let of = |details: &str| {
        let xml = format!(
            "<testsuite><testcase name='test_x'><error message='collection failure'>{details}</error></testcase></testsuite>"
        );
        read(xml.as_bytes()).unwrap().remove(0).message.unwrap()
    };
    let traceback = "ImportError while importing test module 'test_x.py'.\ntest_x.py:1: in &lt;module&gt;\n    import requests_html\n\
        E   ModuleNotFoundError: No module named 'requests_html'";
    assert_eq!(
        of(traceback),
        "collection failure: ModuleNotFoundError: No module named 'requests_html'"
    );
    assert_eq!(of("something else"), "collection failure");
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
    insta::assert_snapshot!(format_tests(xml), @r#"
    a Passed 0 None None
    b Failed 0 Some("m") None
    c Error 0 Some("e") None
    d Passed 0 None None
    "#);
    assert_eq!(format_tests("<testsuites/>"), "");
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
        let text = format_tests(xml);
        assert!(text.starts_with(expected), "{}: {text}", String::from_utf8_lossy(xml));
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
        assert_eq!(format_tests(&xml), expected, "{}", &xml[..30]);
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

/// What its own counts, elements and words say is red is never green.
#[test]
fn a_result_that_contradicts_itself_is_never_green() {
    let red: &[(&str, &str)] = &[
        // Reporters of fixtures and of files that cannot be loaded.
        (
            "<testsuite name='a' tests='1'><error message='fixture broke'/><testcase name='b'/></testsuite>",
            "a Error 0 Some(\"fixture broke\") None\nb Passed 0 None None",
        ),
        (
            "<testsuites><failure>it</failure><testsuite><testcase name='b'/></testsuite></testsuites>",
            "the suite itself Failed 0 None Some(\"it\")\nb Passed 0 None None",
        ),
        (
            "<testsuite><testcase name='b' status='failed'/></testsuite>",
            "b Failed 0 Some(\"its status is `failed`\") None",
        ),
        (
            "<testsuite><testcase name='b' Result='ERROR'/></testsuite>",
            "b Failed 0 Some(\"its result is `ERROR`\") None",
        ),
        (
            "<j:testsuite xmlns:j='urn:x'><j:testcase name='b'><j:failure message='x'/></j:testcase></j:testsuite>",
            "b Failed 0 Some(\"x\") None",
        ),
        (
            "<TestSuite><TestCase Name='b'><Failure Message='x'/></TestCase></TestSuite>",
            "b Failed 0 Some(\"x\") None",
        ),
        (
            "<testsuite><testcase name='b'><properties><property name='x'><failure message='deep'/></property></properties></testcase></testsuite>",
            "b Failed 0 Some(\"deep\") None",
        ),
        (
            "<testsuite><group><testcase name='b'><error/></testcase></group></testsuite>",
            "b Error 0 None None",
        ),
        (
            "<testsuite><testcase name='b'><rerunFailure message='x'/></testcase></testsuite>",
            "b Failed 0 Some(\"x\") None",
        ),
        (
            "<testsuite><testcase name='b'><flakyFailure message='x'><stackTrace>at y</stackTrace><system-out>z</system-out></flakyFailure></testcase></testsuite>",
            "b Flaky 0 Some(\"x\") Some(\"at y\")",
        ),
        // Inside each other: the failure is the inner one's.
        (
            "<testsuite><testcase name='a'><testcase name='b'><failure/></testcase></testcase></testsuite>",
            "a Passed 0 None None\nb Failed 0 None None",
        ),
    ];
    for (xml, expected) in red {
        assert_eq!(format_tests(xml), *expected, "{xml}");
    }
    let said = "and no test is shown as failed";
    let contradictions: &[(&str, &str)] = &[
        (
            "<testsuites tests='3' failures='2' errors='1'><testsuite/></testsuites>",
            "line 1: `testsuites` says failures=\"2\"",
        ),
        (
            "<testsuites>\n<testsuite errors='1'><testcase name='b'/></testsuite></testsuites>",
            "line 2: `testsuite` says errors=\"1\"",
        ),
        (
            "<testsuites><testsuite FAILURES=' 1 '><testcase name='b'/></testsuite></testsuites>",
            "line 1: `testsuite` says failures=\"1\"",
        ),
        (
            "<testsuite failures='some'><testcase name='b'/></testsuite>",
            "line 1: `testsuite` says failures=\"some\"",
        ),
        (
            "<testsuite failed='1'><testcase name='b'/></testsuite>",
            "line 1: `testsuite` says failed=\"1\"",
        ),
        (
            "<testsuite errors='-1'><testcase name='b'><skipped/></testcase></testsuite>",
            "line 1: `testsuite` says errors=\"-1\"",
        ),
        (
            "<testsuite status='Failed'><testcase name='b'/></testsuite>",
            "line 1: `testsuite` says status=\"Failed\"",
        ),
        (
            "<testsuite failures='1'><testcase name='b'><flakyFailure/></testcase></testsuite>",
            "line 1: `testsuite` says failures=\"1\"",
        ),
    ];
    for (xml, expected) in contradictions {
        assert_eq!(format_tests(xml), format!("{expected}, {said}"), "{xml}");
        let failure = read(xml.as_bytes()).unwrap_err();
        assert_eq!(failure.message, "the suite's JUnit XML contradicts itself");
    }
}

/// What real runners write of green suites, as they count: none of it is a contradiction.
#[test]
fn how_real_runners_count_is_no_contradiction() {
    let table = [
        // pytest 9 with subtests, and a test that is red at its teardown alone.
        "<testsuites name='pytest tests'><testsuite name='pytest' errors='0' failures='0' skipped='2' tests='12'><testcase name='b'/></testsuite></testsuites>",
        // Catch2 counts assertions.
        "<testsuites><testsuite name='c' errors='0' failures='0' skipped='0' tests='40' hostname='tbd'><testcase name='b' status='run'/></testsuite></testsuites>",
        // Jest's, mocha's and gotestsum's reporters: sums at the top, or at each suite, or nowhere.
        "<testsuites name='jest tests' tests='2' failures='0' errors='0' time='1'><testsuite name='undefined' errors='0' failures='0' skipped='1' tests='2'><testcase name='b'/></testsuite></testsuites>",
        "<testsuites name='Mocha Tests' time='0.0' tests='1' failures='0'><testsuite name='Root Suite' tests='0' failures='0'/><testsuite name='a' tests='1' failures='0'><testcase name='b'/></testsuite></testsuites>",
        "<testsuites tests='1' failures='0' errors='0'><testsuite tests='1' failures='0' name='go' errors=''><testcase name='b'/></testsuite></testsuites>",
        // googletest, surefire, ctest, behave.
        "<testsuites tests='1' failures='0' disabled='1' errors='0'><testsuite><testcase name='b' status='run' result='completed'/></testsuite></testsuites>",
        "<testsuite tests='1' errors='0' skipped='0' failures='0' flakes='0'><testcase name='b'><system-out>&lt;failure/&gt; failed</system-out></testcase></testsuite>",
        "<testsuite name='behave' tests='1' errors='0' failures='0' skipped='0'><testcase name='b' status='passed'/></testsuite>",
        "<testsuite failures='0.0' errors='false'><testcase name='b' status='' result='success'/></testsuite>",
    ];
    for xml in table {
        assert!(
            format_tests(xml).starts_with("b Passed 0 None None"),
            "{xml}\n{}",
            format_tests(xml)
        );
    }
}

#[test]
fn every_run_of_a_test_is_kept() {
    let xml = "<testsuite><testcase name='b'><failure message='one'/><rerunFailure message='two'><stackTrace>at 2</stackTrace></rerunFailure><rerunError message='three'/></testcase>\
        <testcase name='c'><flakyFailure message='one'/><flakyError message='two'/></testcase></testsuite>";
    let lines: Vec<String> = read(xml.as_bytes())
        .unwrap()
        .iter()
        .map(|test| {
            let format_rerun = |rerun: &Rerun| {
                format!("{:?} {:?} {:?}", rerun.status, rerun.message, rerun.details)
            };
            let reruns: Vec<String> = test.reruns.iter().map(format_rerun).collect();
            format!("{} {:?} {:?}: {}", test.name, test.status, test.message, reruns.join(", "))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    b Failed Some("one"): Failed Some("two") Some("at 2"), Error Some("three") None
    c Flaky Some("one"): Error Some("two") None
    "#);
}

#[test]
fn a_test_may_say_what_it_is() {
    let xml = "<testsuite><testcase name='a'><properties><property name='stagectl.advisory' value='true'/>\
        <property name='stagectl.id' value='test_a.py::test[a b]'/></properties><failure/></testcase>\
        <testcase name='b'><properties><property name='stagectl.advisory' value='false'/></properties><failure/></testcase></testsuite>";
    let tests = read(xml.as_bytes()).unwrap();
    assert_eq!((tests[0].advisory, tests[1].advisory), (true, false));
    assert_eq!(tests[0].id.as_deref(), Some("test_a.py::test[a b]"));
    assert!(!tests[0].fails() && tests[1].fails());
}

proptest::proptest! {
    /// Whatever is around it, one red word, element or count is enough.
    #[test]
    fn one_red_thing_anywhere_is_never_green(
        depth in 0usize..6,
        before in 0usize..4,
        after in 0usize..4,
        red in proptest::sample::select(vec![
            "<testcase name='r'><failure/></testcase>",
            "<testcase name='r'><x:ERROR xmlns:x='u'>e</x:ERROR></testcase>",
            "<testcase name='r' status='FAILED'/>",
            "<testcase name='r'><a><b><failure/></b></a></testcase>",
            "<testcase name='r'><rerunError/></testcase>",
            "<testcase name='r'><flakyError/></testcase>",
            "<error/>",
            "<testsuite failures='1'/>",
            "<testsuite errors='3'><testcase name='g'/></testsuite>",
            "<testsuite result='error'/>",
        ]),
        wrap in proptest::sample::select(vec!["testsuite", "testsuites", "ns:TestSuite", "group"]),
    ) {
        let green = "<testcase name='g'><system-out>ok</system-out></testcase>";
        let (open, close) = (format!("<{wrap} failures='0'>").repeat(depth), format!("</{wrap}>").repeat(depth));
        let xml = format!(
            "<testsuites failures='0' errors='0'>{}{open}{red}{close}{}</testsuites>",
            green.repeat(before), green.repeat(after),
        );
        match read(xml.as_bytes()) {
            Ok(tests) => proptest::prop_assert!(tests.iter().any(Test::is_notable), "{}", xml),
            Err(failure) => proptest::prop_assert_eq!(failure.kind, Kind::NoResult),
        }
    }

    /// Green ones stay green, however they are nested and counted.
    #[test]
    fn a_green_result_stays_green(depth in 0usize..6, number in 1usize..5, counted in 0u32..50) {
        let green = "<testcase name='g' status='run'><system-out>&lt;failure/> <error/> failed</system-out></testcase>";
        let xml = format!(
            "<testsuites tests='{counted}' failures='0'>{}{}{}</testsuites>",
            "<testsuite errors='0'>".repeat(depth), green.repeat(number), "</testsuite>".repeat(depth),
        );
        let tests = read(xml.as_bytes()).unwrap();
        proptest::prop_assert_eq!(tests.len(), number);
        proptest::prop_assert!(tests.iter().all(|test| test.status == TestStatus::Passed));
    }
}
