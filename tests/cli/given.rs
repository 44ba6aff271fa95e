//! What gunicorn is given beside the options of its command: on the host, and in the description.

use crate::captured::{ANSWER, CAPTURE, captured};

/// The script with its last line, which reads the host, given way to these.
pub(crate) fn on_host(lines: &str) -> String {
    format!(
        "stagectl capture --script | sed '$d' > script.sh; cat >> script.sh <<'END'\n{lines}\nEND\nsh script.sh"
    )
}

#[test]
fn variables_are_judged_on_the_host_wherever_gunicorn_is_given_them() {
    let said = captured()
        .file("command", "/venv/bin/python\0/venv/bin/gunicorn\0--env\0SHOP_THEME=paper\0-eDOOR=door zq36\0-e=DB_PASS=zq04\0--env=X_URL=amqp://u:zq05@mq.internal/shop\0-w\x003\0shop:app\0")
        .file("environ", "A=b\0GUNICORN_CMD_ARGS=--workers 5 -e \"SHOP_THEME=night\" --env='DOOR=a zq07' --name \"a zq\"\0C=d\0")
        .file("shop.service", "[Service]\nEnvironment=\"GUNICORN_CMD_ARGS=--workers 5 --env DOOR=zq08\" SHOP_THEME=x\n# A remark.\n\
                               ExecStart=/venv/bin/gunicorn --env \"DB_PASS=zq09 x\" \\\n   -e SHOP_THEME=paper -eKEY=zq10 \"--env=DOOR=zq12 c\" shop:app\n")
        .file("shop.conf", "[program:shop]\ncommand=/venv/bin/gunicorn --env DOOR=zq1\n  -e \"A=zq2 b\"\n  -eKEY=zq3 shop:app\ndirectory=/srv\n")
        .shell(&on_host(
            "echo; variables_of_words '' < command | show_variables | cut -c1-40; show_words 1 < command\n\
             echo; words_of_arguments < environ | show_words ''; words_of_arguments < environ | variables_of_words 1 | show_variables | cut -c1-20\n\
             echo; show_unit shop.service; given_by_unit shop.service | cut -c1-20; show_unit shop.conf",
        ))
        .exit_code(0)
        .out();
    assert!(!said.contains("zq"), "{said}");
    for part in [
        "\nSHOP_THEME=v:paper\nDOOR=f: ",
        "\nX_URL=u:lup:amqp://mq.internal/shop ",
        "\n--env\nSHOP_THEME=paper\nHIDDEN\n-e=DB_PASS=HIDDEN\n--env=X_URL=HIDDEN\n-w\n3\nshop:app\n",
        "\n--workers\n5\n-e\nSHOP_THEME=night\nHIDDEN\n--name\nHIDDEN\nSHOP_THEME=v:night\nDOOR=f: ",
        "\nEnvironment= GUNICORN_CMD_ARGS SHOP_THEME\n",
        "-e SHOP_THEME=paper -eKEY=HIDDEN --env=DOOR=HIDDEN shop:app\n",
        "X-Given=\nX-Given=DB_PASS=f: ",
        "X-Arguments=--worker\nX-Arguments=5\nX-Arguments=--env\nX-Arguments=DOOR=HID\n",
        "X-Given-By-Arguments\n",
        "command=/venv/bin/gunicorn --env DOOR=HIDDEN   -e A=HIDDEN   -eKEY=HIDDEN shop:app\ndirectory=/srv\n",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn arguments_become_keys_below_those_of_the_command_and_each_variable_is_there_once() {
    let given = "= given 10\n|SHOP_THEME=v:night\n|SHOP_DOOR=f: aa23456789abcdef0123  -\n. 0\n\
                 = arguments 10\n|--workers\n|7\n|--threads=2\n|--timeout\n|90\n|--access-logformat\n|HIDDEN\n. 0\n\
                 = given-by-arguments 10\n|SHOP_MODE=v:slow\n. 0\nstagectl-capture end";
    let answer = ANSWER.replace("stagectl-capture end", given).replace(
        "= environment 10\n",
        "= environment 10\n|GUNICORN_CMD_ARGS=f: bb23456789abcdef0123  -\n",
    );
    let answer = captured().file("answer.txt", answer).shell(&format!(
        "{CAPTURE} stagectl check; stagectl drift site-d --from-file answer.txt --no-look; cat environments/site-d.yaml"
    ));
    let said = answer.exit_code(0).out();
    for line in [
        "site-d  true: ",
        "  workers: 3                             # /etc/systemd/system/shop.service\n",
        "  threads: 2                             # GUNICORN_CMD_ARGS\n",
        "  options: {timeout: 90}                 # GUNICORN_CMD_ARGS\n",
        "# TODO wsgi: options: `access-logformat` has a value that was kept back\n",
        "  SHOP_DOOR: \"${secret.shop_door}\"       # kept back on the host\n",
        "  SHOP_THEME: night\n",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert_eq!(said.matches("SHOP_THEME").count(), 1, "{said}");
    assert!(!said.contains("SHOP_MODE") && !said.contains("CMD_ARGS:"), "{said}");
}
