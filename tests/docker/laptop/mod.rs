//! A replica that stays: up, looked at, tested twice, down.

mod busy;
mod inside;
mod kept;
mod leases;
mod redeployed;

use std::process::Command;

use stagectl::docker::Engine as _;
use stagectl::event::ResourceKind;

use crate::driver::with_docker;
use crate::samples::{noticeboard, sample_sites};

const SECRET: &str = "xyzzyLaptopSecret4714";

#[test]
fn a_replica_that_is_up_is_reached_tested_twice_and_removed() {
    let project = sample_sites("laptop").variable("STAGE_SESSION", SECRET);
    let path = project.path("environments/defaults.yaml");
    let defaults = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, defaults.replace("{generate: 32}", "{from_env: STAGE_SESSION}")).unwrap();
    let release = noticeboard("1.1", "wheel");
    let release = release.to_str().unwrap();
    project.run(&["status"]).exit_code(0);

    let up = project.run(&["up", "-q", "site-a", "--release", release]).exit_code(0);
    let address = up.stdout.trim_end();
    assert!(
        address.starts_with("http://site-a.localhost:") && !address.contains('\n'),
        "{}",
        up.stdout
    );
    let how = project.run(&["open", "--how"]).exit_code(0).says(address);
    let said = how.stdout.clone();
    let curl = said.split_inclusive(' ').skip_while(|word| *word != "curl ").collect::<String>();
    let curl = curl.lines().next().unwrap();
    let script = format!("{curl} --silent --show-error --max-time 20");
    let page = Command::new("sh").args(["-c", &script]).current_dir(project.path(".")).output();
    let page = page.unwrap();
    let body = String::from_utf8_lossy(&page.stdout);
    assert!(page.status.success() && body.contains("<html"), "{curl}\n{page:?}");
    // Never two by accident.
    project
        .run(&["up", "site-a", "--release", release])
        .exit_code(2)
        .says("the replica of site-a is up already, with noticeboard 1.1")
        .says("stagectl redeploy site-a");
    project.run(&["status"]).exit_code(0).says(&project.name).says("noticeboard 1.1");
    a_browser_finds_its_way(&project);

    project.run(&["test", "site-a", "--", "-k", "login"]).exit_code(0).says("still up");
    // It is the only one that is up.
    project.run(&["test"]).exit_code(0);
    project.run(&["test", "site-a", "--", "-k", "no_test_has_this_name"]).exit_code(5);
    project.run(&["test", "site-b"]).exit_code(2).says("no replica of site-b is up");

    assert_eq!(secret_in_docker(&project), [""; 0]);
    project.run(&["down"]).exit_code(0).says("site-a is down");
    assert_eq!(project.resource_names(), [""; 0]);
    project.run(&["down", "site-a"]).exit_code(0).says("nothing is up");
}

/// As a browser goes that knows neither the live name nor the root: in, logged in, and back.
fn a_browser_finds_its_way(project: &crate::driver::Project) {
    let password =
        project.run(&["exec", "printenv", "NOTICEBOARD_ADMIN_PASSWORD"]).exit_code(0).stdout;
    let address = project.run(&["open"]).exit_code(0).stdout.trim().to_owned();
    // Every browser takes that name for this machine and keeps `Secure` cookies for it; of programs
    // some want the number.
    let address = address.replace("site-a.localhost", "127.0.0.1");
    let script = format!(
        r#"set -e; cd "$(mktemp -d)"; at={address}
        get() {{ curl --silent --show-error --fail --max-time 20 --cookie-jar jar --cookie jar "$@"; }}
        get --head "$at" | grep -ci '^strict-transport' || true
        get "$at" | grep -c 'https://www.site-a.example/' || true
        token=$(get "${{at}}login" | sed -n 's/.*name="token" value="\([^"]*\)".*/\1/p' | head -1)
        get --location --header "Origin: ${{at%/}}" --header "Referer: ${{at}}login" --write-out '%{{url_effective}}' \
            --data-urlencode "token=$token" --data name=admin --data-urlencode "password={}" "${{at}}login" |
            grep -o 'admin <button>Log out\|http://.*'"#,
        password.trim()
    );
    let seen = Command::new("sh").args(["-c", &script]).output().unwrap();
    let said = String::from_utf8_lossy(&seen.stdout).into_owned();
    assert_eq!(said, format!("0\n0\nadmin <button>Log out\n{address}\n"), "{seen:?}");
}

/// What in Docker, outside of the replica itself, says the secret.
fn secret_in_docker(project: &crate::driver::Project) -> Vec<String> {
    let mut found = Vec::new();
    for resource in project.resources() {
        let name = &resource.resource.name;
        let mut texts = vec![format!("{:?}", resource.labels)];
        if resource.resource.kind == ResourceKind::Container {
            let raw = with_docker(async |docker| docker.inspect(name).await.unwrap().raw);
            let image = raw["Image"].as_str().unwrap();
            for arguments in [&["history", "--no-trunc", image][..], &["image", "inspect", image]] {
                let output = Command::new("docker").args(arguments).output().unwrap();
                assert!(output.status.success(), "{output:?}");
                texts.push(String::from_utf8_lossy(&output.stdout).into_owned());
            }
            texts.push(raw.to_string());
            let logs = with_docker(async |docker| docker.logs(name, 10_000).await.unwrap());
            texts.push(logs.join("\n"));
        }
        if texts.iter().any(|text| text.contains(SECRET)) {
            found.push(name.clone());
        }
    }
    found
}
