//! What `gc` takes that nobody has left behind: recorded runs, and images by their age.

use crate::driver::Project;

#[test]
fn recorded_runs_go_by_their_age_and_nothing_goes_that_is_only_looked_at() {
    let project = Project::new("collected").site("desk", "names: [d.example]\n");
    let (old, own) = ("20200101-101455-3f9c", "my-notes");
    for folder in [old, own] {
        let folder = project.path(&format!(".stagectl/runs/{folder}/desk"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("app.log"), "12345678").unwrap();
    }
    let is_there = |folder: &str| project.path(&format!(".stagectl/runs/{folder}/desk")).is_dir();
    let look = ["gc", "--runs", "--older-than", "30d", "--dry-run"];
    project
        .run(&look)
        .exit_code(0)
        .says(&format!("would remove run {old}"))
        .says("would remove 1 recorded run, 8 B");
    assert!(is_there(old));
    // Its code says, too, what others have left behind on this engine.
    project.run(&look[..4]).says("removed 1 recorded run, 8 B");
    assert!(!is_there(old) && is_there(own));
    project.run(&look[..4]).says("removed 0 recorded runs, 0 B");

    // Nothing is as old as that, and nothing has to go where so much may stay.
    for bound in [["--older-than", "5000w"], ["--keep", "1PiB"]] {
        let images = ["gc", "--images", bound[0], bound[1], "--output", "json"];
        let json: serde_json::Value = serde_json::from_str(&project.run(&images).stdout).unwrap();
        assert_eq!(json["images"]["removed"], 0, "{json}");
        assert!(json["images"]["left"].is_u64() && json["runs"].is_null(), "{json}");
    }
}
