//! What lies beside the sources and says how the app is run: Compose files, a Dockerfile, a file of example
//! variables, a Procfile.

mod compose;
mod dockerfile;
mod examples;
mod procfile;

use std::collections::BTreeMap;

use super::sources::Sources;
pub(super) use compose::Service;
pub(super) use dockerfile::Image;

/// All of it.
#[derive(Debug, Default)]
pub(super) struct AtHand {
    /// Services of a Compose file that are programs stagectl knows, and the file.
    pub(super) services: Vec<Service>,
    pub(super) compose: &'static str,
    /// What Compose gives the app's own container.
    pub(super) variables: Vec<(String, String)>,
    /// What the Dockerfile starts from and installs.
    pub(super) image: Image,
    /// Values that a file of examples or the Dockerfile gives a variable, and which file.
    pub(super) examples: BTreeMap<String, (String, &'static str)>,
    /// The command of `release:` in the Procfile.
    pub(super) release_step: Option<String>,
}

const COMPOSE: [&str; 6] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "docker/docker-compose.yml",
    "docker/compose.yaml",
];
const DOCKERFILE: [&str; 3] = ["Dockerfile", "docker/Dockerfile", "Containerfile"];
const EXAMPLES: [&str; 5] =
    [".env.example", ".env.sample", ".env.template", "env.example", ".env.dist"];

impl AtHand {
    pub(super) fn of(sources: &Sources) -> Self {
        let mut at_hand = AtHand::default();
        for file in DOCKERFILE {
            if let Some(text) = sources.text(file) {
                at_hand.image = Image::of(&text);
                let variables = at_hand.image.variables.iter();
                at_hand
                    .examples
                    .extend(variables.map(|(name, value)| (name.clone(), (value.clone(), file))));
                break;
            }
        }
        for file in EXAMPLES {
            if let Some(text) = sources.text(file) {
                let read = examples::read(&text).into_iter();
                at_hand.examples.extend(read.map(|(name, value)| (name, (value, file))));
                break;
            }
        }
        for file in COMPOSE {
            if let Some(text) = sources.text(file) {
                let found = compose::read(&text, &at_hand.examples);
                (at_hand.services, at_hand.variables) = found;
                at_hand.compose = file;
                break;
            }
        }
        at_hand.release_step = sources.text("Procfile").and_then(|text| procfile::release(&text));
        at_hand
    }
}

#[cfg(test)]
mod tests;
