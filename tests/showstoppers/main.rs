//! The gallery: releases that work on one environment and fall over on another, where one part is
//! the only difference. Each is a folder here; each runs on real Docker, red on the one site and green
//! on the other. `docs/showstoppers.md` is its table, written by `UPDATE=1 cargo test --test showstoppers`.

#![expect(clippy::unwrap_used, reason = "a test that fails here says where")]

/// The folders of the gallery, in the order of its table, as a macro that makes the tests of each takes them.
macro_rules! for_each_case {
    ($make:ident) => {
        $make! {
            wildcard_certificate
            wildcard_one_level
            wildcard_bare_domain
            missing_intermediate
            private_authority
            server_locale
            system_library
            python_version
            python_module
            database_encoding
            table_owner
            forwarded_proto
            forwarded_proto_twice
            proxy_host
            application_group
            missing_variable
            extra_variable
            assertions
            outside_answer
            mail_host
            black_hole
            password_hash
            pooler_mode
            plain_redis
            socket_group
            noexec_tmp
            small_tmp
            read_only_root
            private_tmp
            write_execute
            clock_shift
            ipv6_address
            incomplete_lock
            release_extra
            old_rows
            pickled_session
            hashed_names
            dropped_default
            renamed_column
            unknown_job
            lock_queue
            dropped_table
            enum_value
            irreversible_migration
            migrates_at_start
        }
    };
}

mod case;
mod document;
mod rank;
mod why;

#[expect(dead_code, reason = "the driver serves the tests in `tests/docker` as well")]
#[path = "../docker/driver.rs"]
mod driver;
#[path = "../docker/first_lines.rs"]
mod first_lines;
#[expect(dead_code, reason = "the samples serve the tests in `tests/docker` as well")]
#[path = "../docker/samples.rs"]
mod samples;

macro_rules! gallery {
    ($($name:ident)*) => {
        const GALLERY: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                case::rehearse(&folder_of(stringify!($name)));
            }
        )*
    };
}

for_each_case!(gallery);

/// A show-stopper's folder; a test's name has underscores where it has dashes.
fn folder_of(test: &str) -> String {
    test.replace('_', "-")
}

#[test]
fn every_folder_is_a_test_and_stands_in_the_table() {
    let folder = driver::repository().join("tests/showstoppers");
    let mut folders: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        // Modules of these tests have folders, too.
        .filter(|entry| !entry.path().join("mod.rs").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut tested: Vec<String> = GALLERY.iter().map(|test| folder_of(test)).collect();
    tested.sort();
    assert_eq!(folders, tested);
    document::assert_lists(GALLERY.iter().map(|test| folder_of(test)));
}
