//! What was asked: the command line, one file a command.

mod accept;
mod asked;
mod beforehand;
mod capture;
mod captured;
mod check;
mod complete;
mod context;
mod cover;
mod covering;
mod crucial;
mod diff;
mod doctor;
mod down;
mod drift;
mod exec;
mod explain;
mod found;
mod fresh;
mod gc;
mod guardian;
mod init;
mod live;
mod live_site;
mod logs;
mod man;
mod only_failed;
mod open;
mod output;
mod picked;
mod plan;
mod redeploy;
mod rehearse;
mod releases;
mod report;
mod room;
mod schema;
mod shell;
mod show;
mod signals;
mod site;
mod status;
mod terminal;
mod test;
mod up;
mod version;
mod why;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::display::{Amount, Wish, print_usage, show_requests, unwritten};
use crate::failure::{Failure, Verdict};
use crate::site::Project;
use context::Context;
use releases::name_releases;

/// The full dress rehearsal of a WSGI release, before the deploy: on a Docker replica of every
/// live site.
#[derive(Debug, Parser)]
#[command(
    name = "stagectl",
    version = version::TEXT,
    about,
    arg_required_else_help = true,
    propagate_version = true
)]
#[command(after_help = "Examples:
  stagectl doctor                        can a rehearsal work on this machine?
  stagectl init                          describe a first site of the project in this folder
  stagectl rehearse                      rehearse its release on every site
  stagectl up site-a                     bring one replica up, and leave it up

Exit codes: 0 passed, 1 suite or diagnosis failed, 2 usage or description, \
3 deploy failed,\n4 never ready, 5 no test result, 6 refused (drift), 7 passed but something was left behind, 70 a bug,\n\
75 infrastructure (worth a retry), 130/143 interrupted.")]
pub struct Cli {
    /// The project: the folder with `environments/`, or one below it
    #[arg(short = 'C', long, global = true, value_name = "FOLDER", default_value = ".")]
    project: PathBuf,
    #[command(flatten)]
    output: output::OutputArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArgs),
    Site(site::SiteArgs),
    Capture(capture::CaptureArgs),
    Drift(drift::DriftArgs),
    Doctor(doctor::DoctorArgs),
    Rehearse(rehearse::RehearseArgs),
    Up(up::UpArgs),
    Why(why::WhyArgs),
    Cover(cover::CoverArgs),
    Crucial(crucial::CrucialArgs),
    Live(live_site::LiveSiteArgs),
    Test(test::TestArgs),
    Open(open::OpenArgs),
    Logs(logs::LogsArgs),
    Shell(shell::ShellArgs),
    Exec(exec::ExecArgs),
    Redeploy(redeploy::RedeployArgs),
    Down(down::DownArgs),
    Status(status::StatusArgs),
    Gc(gc::GcArgs),
    Check(check::CheckArgs),
    Plan(plan::PlanArgs),
    Diff(diff::DiffArgs),
    Report(report::ReportArgs),
    Schema(schema::SchemaArgs),
    Completions(complete::CompletionsArgs),
    Man(man::ManArgs),
    Version(version::VersionArgs),
    #[command(hide = true)]
    Guardian(guardian::GuardianArgs),
}

impl Cli {
    /// What the flags ask of the display.
    #[must_use]
    pub fn wish(&self) -> Wish {
        self.output.wish()
    }

    /// The project's folder; without one, the folder in which it was looked for.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        Project::find(&self.project).unwrap_or_else(|_| self.project.clone())
    }
}

/// Answers a shell that asks for completions; true where one did.
#[must_use]
pub fn answer_shell() -> bool {
    complete::answer_shell(Cli::command)
}

/// The command line, read; or the code with which the program ends, all being said.
pub fn read() -> Result<Cli, ExitCode> {
    Cli::try_parse().map_err(|error| {
        let error = name_releases(error, &std::env::args().collect::<Vec<_>>());
        let code = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        if error.use_stderr() && output::asks_for_json(std::env::args()) {
            print_usage(&error.to_string());
        }
        // As clap itself does: nobody reads it when the stream is gone.
        let _nobody_reads = error.print();
        code
    })
}

/// Does what was asked; the exit code.
///
/// # Errors
/// What kept it from being done; a red site is a verdict, no error.
pub fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::infrastructure("could not start").because(&error))?;
    if cli.output.wish().amount == Amount::Requests {
        show_requests();
    }
    let context = Context::new(cli.project, cli.output);
    let code = runtime.block_on(async {
        let verdict = match cli.command {
            Command::Init(args) => init::init(args, &context),
            Command::Site(args) => site::site(args, &context),
            Command::Capture(args) => {
                Box::pin(signals::guard(|stop| capture::capture(args, &context, stop))).await
            }
            Command::Drift(args) => {
                Box::pin(signals::guard(|stop| drift::drift(args, &context, stop))).await
            }
            Command::Doctor(args) => doctor::doctor(args, &context).await,
            Command::Rehearse(args) => {
                Box::pin(signals::guard(|stop| rehearse::rehearse(args, &context, stop))).await
            }
            Command::Why(args) => {
                Box::pin(signals::guard(|stop| why::why(args, &context, stop))).await
            }
            Command::Cover(args) => cover::cover(args, &context),
            Command::Crucial(args) => {
                Box::pin(signals::guard(|stop| crucial::crucial(args, &context, stop))).await
            }
            Command::Up(args) => signals::guard(|stop| up::up(args, &context, stop)).await,
            Command::Test(args) => {
                Box::pin(signals::guard(|stop| test::test(args, &context, stop))).await
            }
            Command::Live(args) => {
                Box::pin(signals::guard(|stop| live_site::live_site(args, &context, stop))).await
            }
            Command::Open(args) => open::open(args, &context).await,
            Command::Logs(args) => signals::guard(|stop| logs::logs(args, &context, stop)).await,
            // Their codes are those of what ran inside.
            Command::Shell(args) => {
                let work = |stop| shell::shell(args, &context, stop);
                return Box::pin(signals::guard(work)).await.map(ExitCode::from);
            }
            Command::Exec(args) => {
                let work = |stop| exec::exec(args, &context, stop);
                return Box::pin(signals::guard(work)).await.map(ExitCode::from);
            }
            Command::Redeploy(args) => {
                let work = |stop| redeploy::redeploy(args, &context, stop);
                Box::pin(signals::guard(work)).await
            }
            Command::Down(args) => down::down(args, &context).await,
            Command::Status(args) => status::status(args, &context).await,
            Command::Gc(args) => gc::gc(args, &context).await,
            Command::Check(args) => check::check(args, &context),
            Command::Plan(args) => plan::plan(args, &context).await,
            Command::Diff(args) => diff::diff(args, &context),
            Command::Report(args) => report::report(args, &context),
            Command::Schema(args) => schema::schema(args),
            Command::Completions(args) => complete::completions(args),
            Command::Man(args) => man::man(args, Cli::command()),
            Command::Version(args) => version::version(args, &context),
            Command::Guardian(args) => guardian::guardian(args).await,
        };
        verdict.map(Verdict::exit_code)
    });
    // A thread that still waits for a lock must not keep the process.
    runtime.shutdown_background();
    match unwritten() {
        Some(failure) => Err(failure),
        None => code,
    }
}
