//! Networks and volumes.

use std::collections::HashMap;

use bollard::models::{
    Ipam, IpamConfig, NetworkConnectRequest, NetworkCreateRequest, VolumeCreateRequest,
};
use bollard::query_parameters::{ListNetworksOptions, RemoveVolumeOptions};

use crate::replica::{Labels, NetworkSpec};

use super::connection::Docker;
use super::engine::Result;
use super::error::{DockerError, gone_is_fine};

/// The bridge driver's option that keeps the host off the network. Engines of before know no other way.
/// <https://docs.docker.com/reference/cli/docker/network/create/#bridge-driver-options>
const WITHOUT_HOST: &str = "com.docker.network.bridge.inhibit_ipv4";
/// Its option for the name of the interface on the engine's host.
const INTERFACE: &str = "com.docker.network.bridge.name";

/// The network that every engine has.
const DEFAULT_BRIDGE: &str = "bridge";

/// The bridge driver's name for the address that containers send to what is not on their network.
/// Engines before 27 keep the packets of a closed network in by rules for IPv4 alone, and route those
/// of IPv6 like any others.
/// <https://github.com/moby/moby/blob/v20.10.24/libnetwork/drivers/bridge/bridge.go> (`DefaultGatewayV6AuxKey`)
const WAY_OUT: &str = "DefaultGatewayIPv6";

impl Docker {
    pub(super) async fn list_subnets(&self) -> Result<Vec<String>> {
        let networks = self.client.list_networks(None::<ListNetworksOptions>).await;
        let networks = networks.map_err(self.failed("list networks"))?;
        let mut subnets: Vec<String> = networks
            .into_iter()
            .filter_map(|network| network.ipam?.config)
            .flatten()
            .filter_map(|config| config.subnet)
            .collect();
        subnets.sort();
        Ok(subnets)
    }

    pub(super) async fn make_network(&self, spec: &NetworkSpec) -> Result<()> {
        let action = format!("create network `{}`", spec.name);
        let request = request(spec);
        let body = with_check_for_duplicates(&request).map_err(|error| {
            let message = error.to_string();
            DockerError::Stream { action: action.clone(), message }
        })?;
        let client = self.client.clone().with_request_modifier(move |mut request| {
            *request.body_mut() = bollard::body_full(body.clone().into());
            request
        });
        client.create_network(request).await.map(drop).map_err(self.failed(action))
    }

    /// Gives a container the way out beside the network that it is on.
    pub(super) async fn connect_to_bridge(&self, container: &str) -> Result<()> {
        let request = NetworkConnectRequest {
            container: container.to_owned(),
            ..NetworkConnectRequest::default()
        };
        let answer = self.client.connect_network(DEFAULT_BRIDGE, request).await;
        answer.map_err(self.failed(format!("connect container `{container}` to the bridge")))
    }

    pub(super) async fn delete_network(&self, name: &str) -> Result<()> {
        let answer = self.client.remove_network(name).await;
        gone_is_fine(answer.map_err(self.failed(format!("remove network `{name}`"))))
    }

    pub(super) async fn make_volume(&self, name: &str, labels: &Labels) -> Result<()> {
        let request = VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels.clone().into_iter().collect()),
            ..VolumeCreateRequest::default()
        };
        let answer = self.client.create_volume(request).await;
        answer.map(drop).map_err(self.failed(format!("create volume `{name}`")))
    }

    pub(super) async fn delete_volume(&self, name: &str) -> Result<()> {
        let answer = self.client.remove_volume(name, None::<RemoveVolumeOptions>).await;
        gone_is_fine(answer.map_err(self.failed(format!("remove volume `{name}`"))))
    }
}

fn request(spec: &NetworkSpec) -> NetworkCreateRequest {
    let ipv4 = IpamConfig {
        subnet: Some(spec.subnet.clone()),
        gateway: spec.gateway.clone(),
        ..IpamConfig::default()
    };
    let ipv6 = spec.ipv6.as_ref().map(|ipv6| IpamConfig {
        subnet: Some(ipv6.subnet.clone()),
        auxiliary_addresses: Some([(WAY_OUT.to_owned(), ipv6.nobody.clone())].into()),
        ..IpamConfig::default()
    });
    // The engine's host has no address on a closed network: nobody in there reaches it.
    let closed = spec.internal.then(|| (WITHOUT_HOST.to_owned(), "true".to_owned()));
    let interface = spec.bridge.as_ref().map(|name| (INTERFACE.to_owned(), name.clone()));
    let options = closed.into_iter().chain(interface);
    let pools = [ipv4].into_iter().chain(ipv6);
    NetworkCreateRequest {
        name: spec.name.clone(),
        driver: Some("bridge".to_owned()),
        internal: Some(spec.internal),
        options: Some(options.collect()).filter(|options: &HashMap<_, _>| !options.is_empty()),
        enable_ipv6: Some(spec.ipv6.is_some()),
        ipam: Some(Ipam { config: Some(pools.collect()), ..Ipam::default() }),
        labels: Some(spec.labels.clone().into_iter().collect()),
        ..NetworkCreateRequest::default()
    }
}

/// Engines before 25 (API 1.44) make a second network of the same name unless asked not to, and
/// bollard has no field for the question any more.
fn with_check_for_duplicates(request: &NetworkCreateRequest) -> serde_json::Result<Vec<u8>> {
    let mut body = serde_json::to_value(request)?;
    body["CheckDuplicate"] = true.into();
    serde_json::to_vec(&body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::Ipv6Spec;

    fn body(ipv6: Option<Ipv6Spec>) -> serde_json::Value {
        let spec = NetworkSpec {
            name: "n".to_owned(),
            subnet: "10.9.8.0/24".to_owned(),
            gateway: None,
            ipv6,
            internal: true,
            bridge: Some("br-1".to_owned()),
            labels: [("a".to_owned(), "b".to_owned())].into(),
        };
        let body = with_check_for_duplicates(&request(&spec)).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn a_network_is_asked_for_once_with_its_subnet_and_without_ipv6() {
        assert_eq!(
            body(None),
            serde_json::json!({
                "Name": "n",
                "Driver": "bridge",
                "Internal": true,
                "EnableIPv6": false,
                "Options": {
                    "com.docker.network.bridge.inhibit_ipv4": "true",
                    "com.docker.network.bridge.name": "br-1",
                },
                "CheckDuplicate": true,
                "IPAM": {"Config": [{"Subnet": "10.9.8.0/24"}]},
                "Labels": {"a": "b"},
            })
        );
    }

    #[test]
    fn ipv6_is_asked_for_with_a_way_out_that_leads_nowhere() {
        let (subnet, nobody) = ("fd00:1::/64".to_owned(), "fd00:1::ffff".to_owned());
        let body = body(Some(Ipv6Spec { subnet, nobody }));
        assert_eq!(body["EnableIPv6"], true);
        assert_eq!(
            body["IPAM"]["Config"],
            serde_json::json!([
                {"Subnet": "10.9.8.0/24"},
                {
                    "Subnet": "fd00:1::/64",
                    "AuxiliaryAddresses": {"DefaultGatewayIPv6": "fd00:1::ffff"},
                },
            ])
        );
    }
}
