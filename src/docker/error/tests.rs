use super::*;

fn kind_of(status: u16, message: &str) -> &'static str {
    let error =
        Error::DockerResponseServerError { status_code: status, message: message.to_owned() };
    name(&DockerError::of("try", "unix:///x", error))
}

fn name(error: &DockerError) -> &'static str {
    match error {
        DockerError::Unreachable { .. } => "unreachable",
        DockerError::Unsupported { .. } => "unsupported",
        DockerError::Ssh { .. } => "ssh",
        DockerError::NotFound { .. } => "not found",
        DockerError::Conflict { .. } => "conflict",
        DockerError::ContainerEnded { .. } => "ended",
        DockerError::DiskFull { .. } => "disk full",
        DockerError::NoRegistry { .. } => "no registry",
        DockerError::Request { .. } => "request",
        DockerError::Stream { .. } => "stream",
        DockerError::HostFile { .. } => "host file",
    }
}

#[test]
fn answers_are_told_apart_once_for_all() {
    let pull = "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup \
                registry-1.docker.io on 10.0.0.2:53: no such host";
    for (status, message, expected) in [
        (404, "No such container: x", "not found"),
        (409, "Conflict. The container name \"/x\" is already in use", "conflict"),
        (409, "Container 4f is not running", "ended"),
        (403, "Pool overlaps with other one on this address space", "conflict"),
        (403, "error while removing network: x has active endpoints", "conflict"),
        (500, "write /x: no space left on device", "disk full"),
        (500, pull, "no registry"),
        (400, "invalid reference format", "request"),
        (500, "OCI runtime create failed", "request"),
    ] {
        assert_eq!(kind_of(status, message), expected, "{status} {message}");
    }
}

#[test]
fn failures_inside_a_stream_are_told_apart_too() {
    for (message, expected) in [
        ("failed to register layer: write /y: no space left on device", "disk full"),
        ("dial tcp 10.1.2.3:443: connect: connection refused", "no registry"),
        ("manifest unknown", "not found"),
        ("unexpected EOF", "stream"),
    ] {
        let error = Error::DockerStreamError { error: message.to_owned() };
        assert_eq!(name(&DockerError::of("pull `x`", "", error)), expected, "{message}");
    }
}

#[test]
fn a_failure_names_the_operation_then_docker_s_words_then_a_way_out() {
    let error = Error::DockerResponseServerError {
        status_code: 500,
        message: "mkdir /var/lib/docker/x: no space left on device\n".to_owned(),
    };
    let failure = Failure::from(DockerError::of("create container `db`", "", error));
    assert_eq!(failure.kind, Kind::Infrastructure);
    assert_eq!(failure.message, "could not create container `db`: no space left on Docker's disk");
    assert_eq!(failure.causes, ["Docker said: mkdir /var/lib/docker/x: no space left on device"]);
    assert_eq!(failure.hints.len(), 1);
}

#[tokio::test]
async fn an_unreachable_engine_s_causes_are_the_system_s_words_alone() {
    let url = "tcp://127.0.0.1:1";
    let client =
        crate::docker::place::Client::connect_with_http(url, 5, bollard::API_DEFAULT_VERSION);
    let error = client.unwrap().ping().await.unwrap_err();
    let failure = Failure::from(DockerError::of("ping", url, error));
    assert_eq!(failure.message, "could not reach Docker at tcp://127.0.0.1:1");
    assert_eq!(failure.causes, ["tcp connect error", "Connection refused (os error 111)"]);
}

#[test]
fn only_a_request_without_an_answer_may_have_acted() {
    let lost = DockerError::of("start `db`", "", Error::RequestTimeoutError);
    assert!(lost.may_have_acted());
    let refused = Error::DockerResponseServerError { status_code: 500, message: String::new() };
    assert!(!DockerError::of("start `db`", "", refused).may_have_acted());
}
