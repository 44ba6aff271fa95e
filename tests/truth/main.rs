//! Verdicts that were wrong once: small projects of strangers, each a folder here with what should
//! happen (`case.yaml`). All run with the binary as a user runs it, those that rehearse on real Docker.

#![expect(clippy::unwrap_used, reason = "a test that fails here says where")]

mod case;

#[expect(dead_code, reason = "the driver serves the tests in `tests/docker` as well")]
#[path = "../docker/driver.rs"]
mod driver;

#[path = "../docker/first_lines.rs"]
mod first_lines;

macro_rules! cases {
    ($($name:ident)*) => {
        /// The folders of the cases.
        const CASES: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                case::play(&folder_of(stringify!($name)));
            }
        )*
    };
}

cases! {
    apache_first_line
    app_log_file_not_kept
    asserts_taken_away
    attack_ca
    attack_egress
    attack_forkbomb
    attack_index
    attack_injection
    attack_junit
    attack_release
    attack_requirements_r
    attack_secrets
    attack_secrets_cut
    attack_secrets_stub
    attack_weak_secret
    attack_www_data
    behind_a_balancer
    ca_bundle_variable
    constraints_warning
    count_leaves_errors_out
    critical_path_file
    data_folder_mode
    diff_empty_text
    down_while_a_file_is_broken
    extra_names_the_release
    folder_without_git
    hash_lock_incomplete
    hidden_cause
    host_knows_by_itself
    included_files
    init_debian_70
    init_empty_install
    late_socket
    license_text_drops_dependencies
    like_without_aki
    live_config_port_80
    local_postgres
    modwsgi_tree
    next_certificate
    network_weather
    nginx_daemon
    own_host_static
    owner_postgres
    postgres_extension
    proxy_error_not_shown
    proxy_variables
    refused_by_check
    slashes_and_chunks
    secured_services
    step_cause_cut
    step_root_cause_lost
    systemd_and_live_servers
    up_without_its_variables
    user_account
    uwsgi_stop_reloads
    way_out_by_a_proxy
    workers_of_the_live_file
    wsgi_pass_authorization
}

/// A case's folder; a test's name has underscores where it has dashes.
fn folder_of(test: &str) -> String {
    test.replace('_', "-")
}

#[test]
fn every_folder_is_a_test() {
    let folder = driver::repository().join("tests/truth");
    let mut folders: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut tested: Vec<String> = CASES.iter().map(|test| folder_of(test)).collect();
    tested.sort();
    assert_eq!(folders, tested);
}
