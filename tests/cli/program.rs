//! A project in a folder of its own, the program run in it, and its whole answer compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A description without any problem.
pub(crate) const SHOP: &str = "summary: The shop
base: {debian: bookworm}
names: [shop.example]
wsgi: {server: gunicorn, application: 'shop.wsgi:app'}
critical: {path: ../tests/critical}
";

/// One run of the program that is put together; [`Stagectl::run`] does it.
pub(crate) struct Stagectl {
    folder: TempDir,
    args: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Stagectl {
    /// An empty project called `board`, with a folder of tests.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = Stagectl { folder, args: Vec::new(), variables: Vec::new() };
        fs::create_dir_all(project.root().join("environments")).unwrap();
        project.file("tests/critical/test_shop.py", "def test_shop(): pass\n")
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("board")
    }

    pub(crate) fn site(self, name: &str, description: &str) -> Self {
        self.file(&format!("environments/{name}.yaml"), description)
    }

    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// A release of an app called shop, with this line in its metadata.
    pub(crate) fn wheel(self, requires_python: &str) -> Self {
        let metadata = format!(
            "Metadata-Version: 2.1\nName: shop\nVersion: 1.0\nRequires-Python: {requires_python}\n"
        );
        let members = [
            ("shop/wsgi.py", "app = None\n"),
            ("shop-1.0.dist-info/METADATA", metadata.as_str()),
            ("shop-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n"),
            ("shop-1.0.dist-info/RECORD", ""),
        ];
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in members {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut zip, content.as_bytes()).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        self.file("dist/shop-1.0-py3-none-any.whl", bytes)
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn args<const N: usize>(mut self, args: [&str; N]) -> Self {
        self.args = args.map(str::to_owned).into();
        self
    }

    pub(crate) fn add_args(&mut self, args: &[&str]) {
        self.args.extend(args.iter().map(|arg| (*arg).to_owned()));
    }

    /// The command, in the project's folder, with no Docker to be reached and no terminal.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.root()).stdin(Stdio::null());
        for name in [
            "DOCKER_CONTEXT",
            "NO_COLOR",
            "CLICOLOR_FORCE",
            "FORCE_COLOR",
            "CI",
            "GITHUB_ACTIONS",
            "GITLAB_CI",
            "COLUMNS",
        ] {
            command.env_remove(name);
        }
        command.env("DOCKER_HOST", "unix:///nonexistent");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(self) -> Answer {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_stagectl")));
        let output = command.args(&self.args).output().unwrap();
        Answer { project: self, output }
    }

    /// A shell command in the project's folder, in which `stagectl` is the program.
    pub(crate) fn shell(self, script: &str) -> Answer {
        let program = Path::new(env!("CARGO_BIN_EXE_stagectl"));
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", program.parent().unwrap().display());
        let mut command = self.command(Path::new("bash"));
        let output = command.env("PATH", path).args(["-c", script]).output().unwrap();
        Answer { project: self, output }
    }

    pub(crate) fn stdout(self, expected: &str) -> Answer {
        self.run().stdout(expected)
    }

    pub(crate) fn stderr(self, expected: &str) -> Answer {
        self.run().stderr(expected)
    }
}

/// What the program said, and the project as it left it.
pub(crate) struct Answer {
    project: Stagectl,
    output: Output,
}

impl Answer {
    /// The text of a stream; the temporary folder is called `/tmp/project`.
    fn text(&self, bytes: &[u8]) -> String {
        let folder = self.project.folder.path().canonicalize().unwrap();
        String::from_utf8(bytes.to_vec()).unwrap().replace(folder.to_str().unwrap(), "/tmp/project")
    }

    /// The project's folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.project.root()
    }

    pub(crate) fn out(&self) -> String {
        self.text(&self.output.stdout)
    }

    pub(crate) fn error(&self) -> String {
        self.text(&self.output.stderr)
    }

    #[track_caller]
    pub(crate) fn stdout(self, expected: &str) -> Self {
        assert_eq!(self.out(), expected, "stdout; stderr was: {}", self.text(&self.output.stderr));
        self
    }

    #[track_caller]
    pub(crate) fn stderr(self, expected: &str) -> Self {
        assert_eq!(self.text(&self.output.stderr), expected, "stderr");
        self
    }

    #[track_caller]
    pub(crate) fn exit_code(self, expected: i32) -> Self {
        assert_eq!(self.output.status.code(), Some(expected), "{}", self.text(&self.output.stderr));
        self
    }

    /// Nothing was made in the project: no evidence, no certificates.
    #[track_caller]
    pub(crate) fn made_nothing(self) -> Self {
        assert!(!self.project.root().join(".stagectl").exists(), ".stagectl was made");
        self
    }
}
