//! Another release into a replica that is up: the data is still there, the new code is at work.

use crate::samples::{WHEEL, noticeboard, sample_sites, wheel, wheel_metadata};

/// Writes through the app's own code, so that what is there is really used.
const WRITE: &str = "
import psycopg, os
with psycopg.connect(os.environ['DATABASE_URL']) as base:
    base.execute(\"create table kept (word text)\")
    base.execute(\"insert into kept values ('from before')\")
open('/srv/noticeboard/data/kept.txt', 'w').write('a file from before')
";
const READ: &str = "
import psycopg, os
with psycopg.connect(os.environ['DATABASE_URL']) as base:
    print(base.execute('select word from kept').fetchone()[0])
print(open('/srv/noticeboard/data/kept.txt').read())
import noticeboard; print(noticeboard.__version__)
";

#[test]
fn a_redeploy_is_an_upgrade_on_the_same_hosts_and_keeps_services_data_and_secrets() {
    let project = sample_sites("redeployed");
    let (old, new) = (noticeboard("1.0", "wheel"), noticeboard("1.1", "wheel"));
    let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
    project
        .run(&["redeploy", "site-a", "--release", new])
        .exit_code(2)
        .says("no replica of site-a");
    project.run(&["up", "site-a", "--release", old]).exit_code(0);
    project.run(&["exec", "site-a", "--", "python", "-c", WRITE]).exit_code(0);
    let ids = containers(&project);
    let secrets = project.run(&["exec", "site-a", "--", "printenv", "SECRET_KEY"]).stdout;

    let done = project.run(&["redeploy", "site-a", "--release", new, "--test"]).exit_code(0);
    done.says("REDEPLOYED").says("test_login.py");
    let read = project.run(&["exec", "site-a", "--", "python", "-c", READ]).exit_code(0);
    assert_eq!(read.stdout, "from before\na file from before\n1.1\n");
    assert_eq!(containers(&project), ids);
    assert_eq!(project.run(&["exec", "site-a", "--", "printenv", "SECRET_KEY"]).stdout, secrets);
    project.run(&["status"]).exit_code(0).says("noticeboard 1.1");

    // One that cannot serve is reported as it would be at first, and the way back is another deploy.
    let broken = without_its_commands(&project);
    project
        .run(&["redeploy", "site-a", "--release", broken.to_str().unwrap()])
        .exit_code(3)
        .says("deploy step `migrate` failed with exit code 127")
        .says("stagectl logs site-a");
    project.run(&["status"]).exit_code(0).says("noticeboard 9.0, failed");
    project.run(&["redeploy", "site-a", "--release", old]).exit_code(0);
    project.run(&["exec", "site-a", "--", "python", "-c", READ]).exit_code(0).says("\n1.0\n");
    project.run(&["down", "site-a"]).exit_code(0);
}

/// A release that installs well, and then there is nothing to run.
fn without_its_commands(project: &crate::driver::Project) -> std::path::PathBuf {
    let members = [
        ("noticeboard-9.0.dist-info/METADATA", wheel_metadata("noticeboard", "9.0", ">=3.9")),
        ("noticeboard-9.0.dist-info/WHEEL", WHEEL.to_owned()),
        ("noticeboard/__init__.py", String::new()),
        ("noticeboard-9.0.dist-info/RECORD", String::new()),
    ];
    let members = members.map(|(name, text)| (name.to_owned(), text));
    wheel(&project.path("noticeboard-9.0-py3-none-any.whl"), &members)
}

fn containers(project: &crate::driver::Project) -> Vec<String> {
    let found = project.resources().into_iter();
    let containers =
        found.filter(|found| found.resource.kind == stagectl::event::ResourceKind::Container);
    containers.map(|found| found.id).collect()
}
