//! The hooks of nginx's RTMP module (`ngx_rtmp_notify_module.c`): a form, in which what the publisher wrote into its address
//! comes last and as it wrote it. Therefore the first member of a name counts. It must not know what becomes of it.

use super::said::{Asked, Said, address, agent, key_in, named, plain, stream, unknown};
use crate::{
    domain::stream::picture::{IngestProtocol, MediaServer},
    services::picture::servers::publishers::RemoteClient,
    wire::Refusal,
};
use std::borrow::Cow;
use url::form_urlencoded;

/// Whose hook it is, for people.
const NAME: &str = "nginx's RTMP module";

/// What a hook says.
/// Errors: `bad_request`; `invalid_field`.
pub(super) fn read(body: &[u8]) -> Result<Said, Refusal> {
    let form: Vec<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(body).collect();
    let first = |name: &str| form.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value);
    match first("call") {
        "publish" => asked(&first, body).map(Said::Begins),
        "update_publish" => asked(&first, body).map(Said::Goes),
        "publish_done" => {
            let stream = stream("name", first("name"))?;
            Ok(Said::Ends { stream, client: named("clientid", first("clientid"))? })
        }
        "" => Err(unknown(NAME)),
        // Who plays is asked for nothing, and `done` comes beside `publish_done`.
        _ => Ok(Said::Nothing),
    }
}

fn asked<'a>(first: &impl Fn(&str) -> &'a str, body: &[u8]) -> Result<Asked, Refusal> {
    let name = first("name");
    let client = RemoteClient {
        server: MediaServer::Nginx,
        id: named("clientid", first("clientid"))?,
        protocol: IngestProtocol::Rtmp,
        app: plain("app", first("app"))?,
        name: name.to_owned(),
    };
    let key = std::str::from_utf8(body).ok().and_then(key_in);
    let from = address(first("addr"));
    Ok(Asked { stream: stream("name", name)?, key, from, client, agent: agent(first("flashver")) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    const ID: &str = "01990000-0000-7000-8000-000000000001";
    const CONNECTION: &str = "app=live&flashver=FMLE/3.0%20(compatible%3B%20Lavf59.27.100)&swfurl=\
                              &tcurl=rtmp://127.0.0.1:1935/live&pageurl=&addr=192.0.2.7&clientid=12";

    fn read_all(rest: &str) -> Result<Said, Refusal> {
        read(format!("{CONNECTION}{rest}").as_bytes())
    }

    #[test]
    fn a_publish_is_read_as_the_module_writes_it() {
        let said = read_all(&format!("&call=publish&name={ID}&type=live&key=lh_a")).unwrap();
        let Said::Begins(asked) = said else { panic!("{said:?}") };
        assert_eq!(asked.stream.to_string(), ID);
        assert_eq!((asked.key.as_deref(), asked.from), (Some("lh_a"), Some(IpAddr::from([192, 0, 2, 7]))));
        assert_eq!(asked.agent.as_deref(), Some("FMLE/3.0 (compatible; Lavf59.27.100)"));
        assert_eq!((asked.client.app.as_str(), asked.client.id.as_str()), ("live", "12"));
    }

    #[test]
    fn what_a_publisher_writes_behind_it_changes_nothing_of_what_the_server_says() {
        let forged = format!(
            "&call=publish&name={ID}&type=live&key=lh_a&clientid=1&addr=::1&name=x&call=publish_done"
        );
        let Said::Begins(asked) = read_all(&forged).unwrap() else { panic!("it begins") };
        assert_eq!((asked.client.id.as_str(), asked.client.name.as_str()), ("12", ID));
        assert_eq!(asked.from, Some(IpAddr::from([192, 0, 2, 7])));
    }

    #[test]
    fn an_end_and_a_sign_of_life_name_who_they_are_of() {
        let end = read_all(&format!("&call=publish_done&name={ID}&key=lh_a")).unwrap();
        assert!(matches!(end, Said::Ends { client, .. } if client == "12"));
        let goes =
            read_all(&format!("&call=update_publish&time=30&timestamp=29966&name={ID}&key=lh_a")).unwrap();
        assert!(matches!(goes, Said::Goes(Asked { key: Some(key), .. }) if key == "lh_a"));
        assert_eq!(read_all("&call=play&name=x&start=0").unwrap(), Said::Nothing);
    }

    #[test]
    fn what_is_no_hook_is_refused() {
        assert!(read(b"").is_err() && read(b"\xff&=%").is_err());
        assert!(read_all("&call=publish&name=mine&type=live").is_err());
        assert!(read(format!("call=publish&name={ID}").as_bytes()).is_err(), "nobody in particular");
    }
}
