//! Seeds as large as those of live sites: hundreds of tables, in every form that `pg_dump` writes.

use std::fmt::Write as _;

use stagectl::docker::Engine as _;

use crate::driver::{Project, endings, with_docker};
use crate::samples::{tiny, tiny_sites};
use crate::service_ways::ended_container;

const TABLES: usize = 400;
const ROWS: usize = 50;

#[test]
fn seeds_of_hundreds_of_tables_load_in_every_form() {
    let database = |form: &str| {
        format!("{{postgres: '15', password: geheim-123, seed: seeds/{form}, init: [count.sql]}}")
    };
    let plain = format!("{{names: [p.example], services: {{db: {}}}}}", database("tables.sql"));
    let project = tiny_sites("seeds")
        .file("environments/seeds/tables.sql", &tables())
        .file("environments/count.sql", &count())
        .site("plain", &plain);
    let release = tiny(&project);
    project.rehearse(&release).exit_code(0);
    let report = project.report();
    let images = &report.sites[0].images;
    let image = images.iter().find(|image| image.role.starts_with("database "));
    dump(&image.expect("an image with the tables").id, &project);

    std::fs::remove_file(project.path("environments/plain.yaml")).unwrap();
    let forms = ["tables.tar", "tables.dump", "tables.sql.gz", "parts.tar.gz"];
    let services: Vec<String> = forms
        .iter()
        .enumerate()
        .map(|(index, form)| format!("db{index}: {}", database(form)))
        .collect();
    let described = format!("{{names: [d.example], services: {{{}}}}}", services.join(", "));
    let project = project.site("dumped", &described);
    let outcome = project.rehearse(&release);
    assert_eq!(endings(&project.report()), "dumped 0", "{}", outcome.stderr);
}

/// Tables with rows, and what goes with a table on a live site.
fn tables() -> String {
    let mut sql = String::new();
    for table in 0..TABLES {
        writeln!(
            sql,
            "CREATE TABLE t{table} (id serial PRIMARY KEY, title text NOT NULL);\n\
             CREATE INDEX ON t{table} (title);\n\
             INSERT INTO t{table} (title) SELECT 'Zeile ' || n FROM generate_series(1, {ROWS}) n;"
        )
        .unwrap();
    }
    sql
}

/// Fails where a table or a row is missing.
fn count() -> String {
    format!(
        "DO $$ DECLARE rows bigint := 0; one bigint; BEGIN\n\
         FOR n IN 0..{last} LOOP EXECUTE 'SELECT count(*) FROM t' || n INTO one; rows := rows + one; END LOOP;\n\
         IF rows <> {rows} THEN RAISE EXCEPTION '% rows', rows; END IF; END $$;\n",
        last = TABLES - 1,
        rows = TABLES * ROWS
    )
}

/// Writes what `pg_dump` makes of the tables in this image to the project's seeds.
fn dump(image: &str, project: &Project) {
    let script = r#"set -e
install -d -o postgres -g postgres /run/postgresql /dumps
cd /dumps
as_postgres() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
bin=/usr/lib/postgresql/15/bin
as_postgres $bin/pg_ctl --pgdata /srv/postgres --wait --silent --log /dumps/log start
for format in tar custom plain; do
  as_postgres $bin/pg_dump --host /run/postgresql --format $format --file tables.$format tiny
done
mv tables.custom tables.dump
gzip < tables.plain > tables.sql.gz
# A live archive: a part for each table, as somebody's script packed them.
for n in $(seq 0 "$1"); do
  as_postgres $bin/pg_dump --host /run/postgresql --table "t$n" --file "part-$n.sql" tiny
done
tar -czf parts.tar.gz part-*.sql
rm part-*.sql tables.plain
as_postgres $bin/pg_ctl --pgdata /srv/postgres --mode fast --silent stop
"#;
    let last = (TABLES - 1).to_string();
    let container = ended_container(image, &["/bin/sh", "-c", script, "dump", &last], project);
    let tar = with_docker(async |docker| {
        let tar = docker.download(&container, "/dumps").await.unwrap();
        docker.remove_container(&container).await.unwrap();
        tar
    });
    let mut archive = tar::Archive::new(tar.as_slice());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        if entry.header().entry_type().is_file() {
            let name = path.file_name().unwrap().to_str().unwrap();
            entry.unpack(project.path(&format!("environments/seeds/{name}"))).unwrap();
        }
    }
}
