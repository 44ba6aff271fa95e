//! Images: found, pulled, imported, committed, removed.

use std::collections::BTreeMap;
use std::time::Duration;

use bollard::models::{ContainerConfig, CreateImageInfo};
use bollard::query_parameters::{
    CommitContainerOptionsBuilder, CreateImageOptions, CreateImageOptionsBuilder,
    ListImagesOptionsBuilder, RemoveImageOptions,
};
use bytesize::ByteSize;
use futures_util::{StreamExt as _, TryStreamExt as _};

use crate::replica::{Labels, label};

use super::connection::Docker;
use super::engine::{ImageId, ImageSummary, Result, TarStream};
use super::error::{DockerError, gone_is_fine};
use super::labels;

/// An import answers when the last byte is there, and a bootstrap may be behind it.
const IMPORT_PATIENCE: Duration = Duration::from_hours(1);
const COMMIT_PATIENCE: Duration = Duration::from_mins(15);
/// From asking the registry until the first line of progress.
const PULL_PATIENCE: Duration = Duration::from_mins(5);

impl Docker {
    pub(super) async fn image_id(&self, reference: &str) -> Result<Option<ImageId>> {
        if !is_reference(reference) {
            return Ok(None);
        }
        let failed = self.failed(format!("look for image `{reference}`"));
        match self.client.inspect_image(reference).await.map_err(failed) {
            Ok(image) => Ok(image.id),
            Err(DockerError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn pull_image(
        &self,
        reference: &str,
        progress: &mut dyn FnMut(String),
    ) -> Result<ImageId> {
        let action = format!("pull image `{reference}`");
        if !is_reference(reference) {
            let message = "invalid reference format".to_owned();
            return Err(DockerError::NotFound { action, message });
        }
        let (name, tag) = split_tag(reference);
        let options = CreateImageOptionsBuilder::default().from_image(name).tag(tag).build();
        let client = self.patient(PULL_PATIENCE);
        let mut answers = client.create_image(Some(options), None, None);
        let mut layers = Layers::default();
        while let Some(answer) = answers.next().await {
            let answer = answer.map_err(self.failed(action.clone()))?;
            if let Some(text) = layers.take(&answer) {
                progress(text);
            }
        }
        let message = "the engine does not have it after the pull".to_owned();
        self.image_id(reference).await?.ok_or(DockerError::NotFound { action, message })
    }

    pub(super) async fn import_image(
        &self,
        tar: TarStream,
        tag: &str,
        labels: &Labels,
    ) -> Result<ImageId> {
        let (repository, version) = split_tag(tag);
        let options = CreateImageOptions {
            from_src: Some("-".to_owned()),
            repo: Some(repository.to_owned()),
            tag: Some(version.to_owned()),
            changes: labels.iter().map(|(key, value)| label_line(key, value)).collect(),
            ..CreateImageOptions::default()
        };
        let body = bollard::body_try_stream(tar.map_ok(Into::into));
        let action = format!("import image `{tag}`");
        let client = self.patient(IMPORT_PATIENCE);
        let mut answers = client.create_image(Some(options), Some(body), None);
        let mut id = None;
        while let Some(answer) = answers.next().await {
            let answer = answer.map_err(self.failed(action.clone()))?;
            id = answer.status.filter(|status| status.starts_with("sha256:")).or(id);
        }
        let message = "the engine did not name the new image".to_owned();
        id.ok_or(DockerError::Stream { action, message })
    }

    /// The image gets these labels and none of the container's own under our prefix: those are
    /// emptied, because an image must not look like a part of the run that made it.
    pub(super) async fn commit_image(
        &self,
        container: &str,
        tag: &str,
        wanted: &Labels,
    ) -> Result<ImageId> {
        let action = format!("commit container `{container}` as `{tag}`");
        let found = self.client.inspect_container(container, None).await;
        let found = found.map_err(self.failed(action.clone()))?;
        let running = found.state.and_then(|state| state.running).unwrap_or(false);
        let inherited = found.config.and_then(|config| config.labels).unwrap_or_default();
        let mut labels: Labels = inherited
            .into_keys()
            .filter(|key| key.starts_with(label::PREFIX))
            .map(|key| (key, String::new()))
            .collect();
        labels.extend(wanted.clone());
        let (repository, version) = split_tag(tag);
        let options = CommitContainerOptionsBuilder::default()
            .container(container)
            .repo(repository)
            .tag(version)
            .pause(running)
            .build();
        let config = ContainerConfig {
            cmd: Some(vec!["/bin/sh".to_owned()]),
            labels: Some(labels.into_iter().collect()),
            ..ContainerConfig::default()
        };
        let client = self.patient(COMMIT_PATIENCE);
        let answer = client.commit_container(options, config).await;
        Ok(answer.map_err(self.failed(action))?.id)
    }

    pub(super) async fn list_images(&self, filter: &Labels) -> Result<Vec<ImageSummary>> {
        let options =
            ListImagesOptionsBuilder::default().filters(&labels::to_query(filter)).build();
        let found = self.client.list_images(Some(options)).await;
        let found = found.map_err(self.failed("list images"))?;
        let mut images: Vec<ImageSummary> = found
            .into_iter()
            .map(|image| ImageSummary {
                id: image.id,
                tags: image.repo_tags.into_iter().filter(|tag| tag != "<none>:<none>").collect(),
                size: u64::try_from(image.size).unwrap_or(0),
                created: image.created,
                parent: Some(image.parent_id).filter(|parent| !parent.is_empty()),
                labels: image.labels.into_iter().collect(),
            })
            .filter(|image| labels::carries(&image.labels, filter))
            .collect();
        images.sort_by(|one, two| one.tags.cmp(&two.tags).then_with(|| one.id.cmp(&two.id)));
        Ok(images)
    }

    pub(super) async fn delete_image(&self, reference: &str) -> Result<()> {
        if !is_reference(reference) {
            return Ok(());
        }
        let answer = self.client.remove_image(reference, None::<RemoveImageOptions>, None).await;
        let failed = self.failed(format!("remove image `{reference}`"));
        gone_is_fine(answer.map(drop).map_err(failed))
    }
}

/// True for what may stand in a request's path: no blanks, queries or steps upwards.
fn is_reference(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed) && !text.split('/').any(|part| part == "..")
}

/// Repository and tag or digest; `latest` when there is neither, as the `docker` command has it.
fn split_tag(reference: &str) -> (&str, &str) {
    if let Some((name, digest)) = reference.split_once('@') {
        return (name, digest);
    }
    match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (reference, "latest"),
    }
}

/// A `LABEL` instruction whose value is taken literally.
fn label_line(key: &str, value: &str) -> String {
    let quoted = |text: &str| {
        let mut quoted = String::from('"');
        for letter in text.chars() {
            if matches!(letter, '"' | '\\' | '$') {
                quoted.push('\\');
            }
            quoted.push(letter);
        }
        quoted + "\""
    };
    format!("LABEL {}={}", quoted(key), quoted(value))
}

/// How far each layer of a pull is.
#[derive(Debug, Default)]
struct Layers {
    bytes: BTreeMap<String, (i64, i64)>,
    said: String,
}

impl Layers {
    /// What to say now, unless it was said before.
    fn take(&mut self, answer: &CreateImageInfo) -> Option<String> {
        let status = answer.status.as_deref()?;
        let text = match (status, &answer.progress_detail) {
            ("Downloading", Some(detail)) => {
                let layer = answer.id.clone().unwrap_or_default();
                self.bytes.insert(layer, (detail.current?, detail.total?));
                let (done, all) = self
                    .bytes
                    .values()
                    .fold((0, 0), |sum, layer| (sum.0 + layer.0, sum.1 + layer.1));
                let size = |bytes: i64| ByteSize(u64::try_from(bytes).unwrap_or(0));
                format!("downloading {} of {}", size(done.min(all)), size(all))
            }
            ("Download complete", _) => {
                let layer = self.bytes.get_mut(answer.id.as_deref()?)?;
                layer.0 = layer.1;
                return None;
            }
            ("Extracting", _) => "unpacking".to_owned(),
            _ => return None,
        };
        if text == self.said {
            return None;
        }
        self.said.clone_from(&text);
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::ProgressDetail;

    use super::*;

    #[test]
    fn a_reference_is_split_as_docker_does() {
        for (reference, expected) in [
            ("debian", ("debian", "latest")),
            ("debian:bookworm-slim", ("debian", "bookworm-slim")),
            ("box:5000/team/app", ("box:5000/team/app", "latest")),
            ("box:5000/app:1", ("box:5000/app", "1")),
            ("app@sha256:ab", ("app", "sha256:ab")),
        ] {
            assert_eq!(split_tag(reference), expected);
        }
    }

    #[test]
    fn a_reference_cannot_lead_to_another_request() {
        assert!(is_reference("box.example:5000/team/app_1:2.0-x@sha256:ab"));
        for text in ["", "../containers", "a/../../x", "a?b", "a#b", "a b", "a%2e"] {
            assert!(!is_reference(text), "{text}");
        }
    }

    #[test]
    fn labels_are_quoted_for_the_line_that_sets_them() {
        assert_eq!(label_line("a.b", r#"x "$y" \z"#), r#"LABEL "a.b"="x \"\$y\" \\z""#);
    }

    #[test]
    fn a_pull_tells_its_progress_over_all_layers_and_nothing_twice() {
        let mut layers = Layers::default();
        let mut take = |status: &str, id: &str, done: Option<(i64, i64)>| {
            layers.take(&CreateImageInfo {
                status: Some(status.to_owned()),
                id: Some(id.to_owned()),
                progress_detail: done.map(|(current, total)| ProgressDetail {
                    current: Some(current),
                    total: Some(total),
                }),
                ..CreateImageInfo::default()
            })
        };
        assert_eq!(take("Pulling fs layer", "a", None), None);
        assert_eq!(
            take("Downloading", "a", Some((50, 100))).as_deref(),
            Some("downloading 50 B of 100 B")
        );
        assert_eq!(
            take("Downloading", "b", Some((0, 100))).as_deref(),
            Some("downloading 50 B of 200 B")
        );
        assert_eq!(take("Downloading", "b", Some((0, 100))), None);
        assert_eq!(take("Download complete", "a", None), None);
        assert_eq!(
            take("Downloading", "b", Some((60, 100))).as_deref(),
            Some("downloading 160 B of 200 B")
        );
        assert_eq!(take("Extracting", "a", Some((1, 100))).as_deref(), Some("unpacking"));
        assert_eq!(take("Extracting", "a", Some((2, 100))), None);
    }
}
