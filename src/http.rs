//! How a URL is checked: the only user of reqwest. Nothing is downloaded here.

use std::time::Duration;

use reqwest::{Method, StatusCode};

use crate::failure::Failure;

const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(15);

#[expect(clippy::disallowed_types, reason = "this is its one home")]
type Client = reqwest::Client;

/// Asks URLs, through the proxies that the environment names, trusting what this machine trusts.
#[derive(Debug, Clone)]
pub struct Http(Client);

fn builder() -> reqwest::ClientBuilder {
    Client::builder()
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .user_agent(concat!("stagectl/", env!("CARGO_PKG_VERSION")))
}

/// A question that got no usable answer: neither "there" nor "not there".
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("could not prepare for HTTP requests")]
    NoClient(#[source] reqwest::Error),
    #[error("could not ask for {url}")]
    NoAnswer {
        url: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("could not ask for {url}: the server answered {status}")]
    BadAnswer { url: String, status: StatusCode },
}

impl Http {
    /// On a machine without any root certificate only plain HTTP will work.
    pub fn new() -> Result<Http, HttpError> {
        let client = builder().build().or_else(|_| builder().tls_certs_only([]).build());
        client.map(Http).map_err(HttpError::NoClient)
    }

    /// Whether there is something at a URL: "not found" and "gone" are `false`.
    pub async fn exists(&self, url: &str) -> Result<bool, HttpError> {
        let mut status = self.ask(Method::HEAD, url).await?;
        if matches!(status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED) {
            status = self.ask(Method::GET, url).await?;
        }
        match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(false),
            status if status.is_success() => Ok(true),
            status => Err(HttpError::BadAnswer { url: url.to_owned(), status }),
        }
    }

    async fn ask(&self, method: Method, url: &str) -> Result<StatusCode, HttpError> {
        let answer = self.0.request(method, url).send().await;
        let no_answer = |error: reqwest::Error| HttpError::NoAnswer {
            url: url.to_owned(),
            source: error.without_url(),
        };
        Ok(answer.map_err(no_answer)?.status())
    }
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Failure {
        let failure = Failure::infrastructure(error.to_string()).because(&error);
        match error {
            HttpError::NoAnswer { source, .. } if source.is_connect() || source.is_timeout() => {
                failure.hint("check the network, and `http_proxy`, `https_proxy`, `no_proxy`")
            }
            _ => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// No proxy knows the way to this machine's servers.
    fn direct() -> Http {
        Http(builder().no_proxy().build().unwrap())
    }

    /// Asks a server on this machine that answers by method and path.
    async fn ask(path: &str) -> Result<bool, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{path}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let status = match request.split_whitespace().take(2).collect::<Vec<_>>()[..] {
                    ["HEAD", "/there"] | ["GET", "/no-head"] => "200 OK",
                    ["HEAD", "/no-head"] => "405 Method Not Allowed",
                    ["HEAD", "/moved"] => "302 Found\r\nLocation: /there",
                    ["HEAD", "/gone"] => "410 Gone",
                    ["HEAD", "/broken"] => "503 Service Unavailable",
                    ["HEAD", "/cut"] => continue,
                    _ => "404 Not Found",
                };
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        direct().exists(&url).await.map_err(|error| error.to_string().replace(&url, path))
    }

    #[tokio::test]
    async fn there_and_not_there_are_told_from_no_answer() {
        assert_eq!(ask("/there").await, Ok(true));
        assert_eq!(ask("/moved").await, Ok(true));
        assert_eq!(ask("/no-head").await, Ok(true));
        assert_eq!(ask("/missing").await, Ok(false));
        assert_eq!(ask("/gone").await, Ok(false));
        let broken = "could not ask for /broken: the server answered 503 Service Unavailable";
        assert_eq!(ask("/broken").await, Err(broken.to_owned()));
        assert_eq!(ask("/cut").await, Err("could not ask for /cut".to_owned()));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_infrastructure_with_a_hint() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let failure = Failure::from(direct().exists(&url).await.unwrap_err());
        assert_eq!(failure.kind, crate::failure::Kind::Infrastructure);
        assert_eq!(failure.message, format!("could not ask for {url}"));
        assert_eq!(failure.hints.len(), 1, "{failure:?}");
        assert!(failure.causes.iter().any(|cause| cause.contains("refused")), "{failure:?}");
    }
}
