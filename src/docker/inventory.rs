//! What is there, found by labels alone.

use bollard::models::ContainerSummaryStateEnum;
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
};

use super::connection::Docker;
use super::engine::Result;
use super::labels;
use super::labels::Found;
use crate::event::{Resource, ResourceKind};
use crate::replica::Labels;

impl Docker {
    /// Sorted by kind and name. The engine's own filter is not trusted: what does not carry the
    /// labels is left out here as well, because what is found may be removed.
    pub(super) async fn find_by_labels(&self, filter: &Labels) -> Result<Vec<Found>> {
        let (containers, networks, volumes) = tokio::try_join!(
            self.find_containers(filter),
            self.find_networks(filter),
            self.find_volumes(filter),
        )?;
        let mut found = [containers, networks, volumes].concat();
        found.retain(|found| labels::carries(&found.labels, filter));
        found.sort_by(|one, two| one.resource.cmp(&two.resource));
        Ok(found)
    }

    async fn find_containers(&self, filter: &Labels) -> Result<Vec<Found>> {
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&labels::to_query(filter))
            .build();
        let list = self.client.list_containers(Some(options)).await;
        let list = list.map_err(self.failed("list containers"))?;
        let found = list.into_iter().map(|container| {
            let id = container.id.unwrap_or_default();
            let name = container.names.unwrap_or_default().into_iter().next();
            let name = name.map(|name| name.trim_start_matches('/').to_owned());
            Found {
                resource: Resource {
                    kind: ResourceKind::Container,
                    name: name.unwrap_or_else(|| id.clone()),
                },
                id,
                labels: container.labels.unwrap_or_default().into_iter().collect(),
                running: container.state == Some(ContainerSummaryStateEnum::RUNNING),
                created: container.created.unwrap_or(0),
            }
        });
        Ok(found.collect())
    }

    async fn find_networks(&self, filter: &Labels) -> Result<Vec<Found>> {
        let options =
            ListNetworksOptionsBuilder::default().filters(&labels::to_query(filter)).build();
        let list = self.client.list_networks(Some(options)).await;
        let list = list.map_err(self.failed("list networks"))?;
        let found = list.into_iter().map(|network| Found {
            resource: Resource {
                kind: ResourceKind::Network,
                name: network.name.unwrap_or_default(),
            },
            id: network.id.unwrap_or_default(),
            labels: network.labels.unwrap_or_default().into_iter().collect(),
            running: false,
            created: seconds(network.created.as_deref()),
        });
        Ok(found.collect())
    }

    async fn find_volumes(&self, filter: &Labels) -> Result<Vec<Found>> {
        let options =
            ListVolumesOptionsBuilder::default().filters(&labels::to_query(filter)).build();
        let list = self.client.list_volumes(Some(options)).await;
        let list = list.map_err(self.failed("list volumes"))?.volumes.unwrap_or_default();
        let found = list.into_iter().map(|volume| Found {
            resource: Resource { kind: ResourceKind::Volume, name: volume.name.clone() },
            id: volume.name,
            labels: volume.labels.into_iter().collect(),
            running: false,
            created: seconds(volume.created_at.as_deref()),
        });
        Ok(found.collect())
    }
}

/// Seconds since 1970 of a date such as `2026-11-23T10:14:00.123Z`; 0 where there is none.
fn seconds(date: Option<&str>) -> i64 {
    date.and_then(|date| date.parse::<jiff::Timestamp>().ok()).map_or(0, jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_networks_and_volumes_become_seconds() {
        assert_eq!(seconds(Some("1970-01-02T00:00:00.123456789Z")), 86_400);
        assert_eq!(seconds(Some("1970-01-02T01:00:00+01:00")), 86_400);
        assert_eq!(seconds(Some("yesterday")), 0);
        assert_eq!(seconds(None), 0);
    }
}
