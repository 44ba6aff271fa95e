//! `stagectl man`: the manual pages, made of the same words as the help.

use std::path::PathBuf;

use crate::display::print_data;
use crate::failure::{Failure, Verdict};

/// Print the manual page, or write those of all commands into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  stagectl man | man -l -
  stagectl man --dir ~/.local/share/man/man1   then: man stagectl-rehearse")]
pub(super) struct ManArgs {
    /// Where stagectl.1, stagectl-rehearse.1 and so on are written; those of earlier versions are replaced
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

pub(super) fn man(args: ManArgs, program: clap::Command) -> Result<Verdict, Failure> {
    let Some(folder) = args.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(program.disable_help_subcommand(true))
            .render(&mut page)
            .map_err(|error| Failure::bug("could not make the manual page").because(&error))?;
        print_data(&String::from_utf8_lossy(&page))?;
        return Ok(Verdict::Passed);
    };
    std::fs::create_dir_all(&folder)
        .and_then(|()| clap_mangen::generate_to(program, &folder))
        .map_err(|error| {
            Failure::infrastructure(format!("could not write manual pages to {}", folder.display()))
                .because(&error)
        })?;
    Ok(Verdict::Passed)
}
