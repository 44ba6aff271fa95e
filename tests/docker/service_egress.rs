//! A service is as closed in as the app: whatever its image does, it reaches nobody beyond the replica.

use std::net::{TcpListener, UdpSocket};

use stagectl::docker::Engine as _;

use crate::driver::with_docker;
use crate::samples::{tiny, tiny_sites};

/// Tries to get out, says what came of it, and then is a service like any other.
const COMMAND: &str = r#"
      bash -c '
      for place in PLACES; do
        if (exec 3<>/dev/tcp/$place) 2>/tmp/said; then echo "tcp $place connected"
        else echo "tcp $place $(sed -n "1s/.*: //p" /tmp/said)"; fi
        (echo stagectl >/dev/udp/$place) 2>/dev/null
      done
      getent hosts stagectl-any.debian.org || echo "name unknown"
      echo tried'
      exec redis-server --port 7000 --protected-mode no"#;

#[test]
fn a_service_reaches_nobody_beyond_the_replica() {
    let tcp = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = tcp.local_addr().unwrap().port();
    let udp = UdpSocket::bind(("0.0.0.0", port)).unwrap();
    let places = [
        format!("172.17.0.1/{port}"),
        "169.254.169.254/80".to_owned(),
        "203.0.113.7/443".to_owned(),
        "9.9.9.9/53".to_owned(),
    ];
    let command = COMMAND.replace("PLACES", &places.join(" "));
    let project = tiny_sites("egress").site(
        "shop",
        &format!(
            "names: [s.example]\nhealth: {{within: 60s}}\nservices:\n  tool:\n    packages: [redis-server]\n    \
             port: 7000\n    ready: redis-cli -p 7000 ping\n    command: |{command}\n"
        ),
    );
    let release = tiny(&project);
    project.run(&["up", "shop", "--release", release.to_str().unwrap()]).exit_code(0);
    let names = project.resource_names();
    let tool = names.iter().find(|name| name.ends_with("-shop-tool")).unwrap();
    let lines = with_docker(async |docker| docker.logs(tool, 1000).await.unwrap());
    let tried: Vec<&str> =
        lines.iter().map(String::as_str).take_while(|line| *line != "tried").collect();
    let mut expected: Vec<String> =
        places.iter().map(|place| format!("tcp {place} No route to host")).collect();
    expected.push("name unknown".to_owned());
    assert_eq!(tried, expected);
    project.run(&["down", "shop"]).exit_code(0);
    tcp.set_nonblocking(true).unwrap();
    udp.set_nonblocking(true).unwrap();
    assert!(tcp.accept().is_err() && udp.recv_from(&mut [0; 64]).is_err(), "somebody came");
}
