//! How a URL is asked: the only user of reqwest.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode, Url, header};

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
    #[error("could not fetch {url}: it is longer than {} MiB", longest >> 20)]
    TooLong { url: String, longest: usize },
}

/// What a server answered with.
#[derive(Debug)]
pub struct Answer {
    /// Where it came from in the end.
    pub url: String,
    /// Its media type; empty where none is said.
    pub kind: String,
    pub bytes: Vec<u8>,
}

impl Http {
    /// On a machine without any root certificate only plain HTTP will work.
    pub fn new() -> Result<Http, HttpError> {
        let client = builder().build().or_else(|_| builder().tls_certs_only([]).build());
        client.map(Http).map_err(HttpError::NoClient)
    }

    /// No proxy knows the way to this machine's servers.
    #[cfg(test)]
    pub(crate) fn direct() -> Http {
        Http(builder().no_proxy().build().unwrap())
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

    /// Fetches what is at a URL, of the media types `accept`; "not found" and "gone" are `None`. A log-in may stand in
    /// the URL, and is in no error.
    ///
    /// # Errors
    /// No answer within `patience`, one that is not a success, or more than `longest` bytes.
    pub async fn get(
        &self,
        url: &str,
        accept: &str,
        longest: usize,
        patience: Duration,
    ) -> Result<Option<Answer>, HttpError> {
        let shown = without_login(url);
        let no_answer = |error: reqwest::Error| HttpError::NoAnswer {
            url: shown.clone(),
            source: error.without_url(),
        };
        let request = self.0.get(url).header(header::ACCEPT, accept).timeout(patience);
        let mut response: Response = request.send().await.map_err(no_answer)?;
        match response.status() {
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
            status if status.is_success() => {}
            status => return Err(HttpError::BadAnswer { url: shown, status }),
        }
        let kind = response.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > longest {
                return Err(HttpError::TooLong { url: shown, longest });
            }
        }
        // The client takes the log-in out of its address.
        let came_from = response.url().clone();
        let url = Url::parse(url).map_or(came_from.clone(), |asked| with_login(came_from, &asked));
        Ok(Some(Answer { url: url.to_string(), kind, bytes }))
    }

    /// The address that a link on a page leads to, with the page's log-in where it is of the same server, as pip
    /// has it.
    #[must_use]
    pub fn join(&self, page: &str, link: &str) -> Option<String> {
        let page = Url::parse(page).ok()?;
        let url = with_login(page.join(link).ok()?, &page);
        matches!(url.scheme(), "http" | "https").then(|| url.to_string())
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

/// The URL with the log-in of another of the same server, where it has none.
fn with_login(mut url: Url, of: &Url) -> Url {
    if url.username().is_empty() && url.origin() == of.origin() {
        url.set_username(of.username()).ok();
        url.set_password(of.password()).ok();
    }
    url
}

/// The URL as it may be shown.
fn without_login(url: &str) -> String {
    let Ok(mut shown) = Url::parse(url) else { return "an address that is none".to_owned() };
    shown.set_username("").ok();
    shown.set_password(None).ok();
    shown.to_string()
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
        Http::direct().exists(&url).await.map_err(|error| error.to_string().replace(&url, path))
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
        let failure = Failure::from(Http::direct().exists(&url).await.unwrap_err());
        assert_eq!(failure.kind, crate::failure::Kind::Infrastructure);
        assert_eq!(failure.message, format!("could not ask for {url}"));
        assert_eq!(failure.hints.len(), 1, "{failure:?}");
        assert!(failure.causes.iter().any(|cause| cause.contains("refused")), "{failure:?}");
    }
}
