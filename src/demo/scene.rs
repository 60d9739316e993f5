//! What goes on in a room: people come in, watch, talk, react and vote.
//! It must not know how the server is reached.

use super::{
    cast::Show,
    dice::Dice,
    house::{Guest, House},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

const COLORS: [&str; 5] = ["#ffffff", "#ffd166", "#8ecae6", "#f4a6c0", "#a7e8a0"];
const MODES: [&str; 5] = ["scroll", "scroll", "scroll", "scroll", "top"];
const REACTIONS: [&str; 6] = ["like", "love", "laugh", "wow", "clap", "fire"];
/// Time over which a room fills.
const ENTRANCE: Duration = Duration::from_secs(5);
/// Before who could not come in, or was sent away, tries again.
const AGAIN: Duration = Duration::from_secs(3);
/// A room that is as good as never quiet for longer than this many mean pauses.
const LONGEST_PAUSES: f64 = 4.0;
const POLL_S: u32 = 1800;

/// A room on air.
pub(super) struct Scene {
    pub stream: String,
    pub host: Guest,
    pub show: Show,
}

impl Scene {
    /// What the host has prepared, and what the first guests ask.
    pub(super) async fn open(&self, guests: &[Guest]) -> anyhow::Result<()> {
        let Self { host, show, .. } = self;
        host.post(&self.at("announcements"), &json!({"content": show.announcement})).await?;
        for (guest, question) in guests.iter().zip(&show.questions) {
            guest.post(&self.at("questions"), &json!({"content": question})).await?;
        }
        let Some(mut poll) = show.poll.clone() else { return Ok(()) };
        poll["duration_s"] = POLL_S.into();
        let options = poll["options"].as_array().map_or(0, Vec::len);
        let poll = host.post(&self.at("polls"), &poll).await?;
        let id = poll["id"].as_str().unwrap_or_default();
        for guest in guests {
            let vote = json!({"option": Dice::below(options)?});
            guest.put(&self.at(&format!("polls/{id}/vote")), &vote).await?;
        }
        Ok(())
    }

    /// Says something now and then, for ever. What is refused, since the host has banned them or closed the room, is let be.
    pub(super) async fn talk(&self, guests: &[Guest]) -> anyhow::Result<()> {
        let mut last = None;
        loop {
            sleep(self.pause()?).await;
            let guest = Dice::pick(guests)?;
            if Dice::is_one_in(6)? {
                let cheer = json!({"kind": Dice::pick(&REACTIONS)?, "count": 1 + Dice::below(5)?});
                _ = guest.post(&self.at("reactions"), &cheer).await;
                continue;
            }
            let line = Dice::pick(&self.show.lines)?;
            let reply_to = if Dice::is_one_in(8)? { last.take() } else { None };
            let said = json!({"content": line, "style": style()?, "reply_to": reply_to});
            if let Ok(said) = guest.post(&self.at("comments"), &said).await {
                last = said["id"].as_str().map(str::to_owned);
            }
        }
    }

    fn at(&self, part: &str) -> String {
        format!("/streams/{}/{part}", self.stream)
    }

    /// As far apart as people are who do not wait for each other.
    fn pause(&self) -> anyhow::Result<Duration> {
        let means = (-Dice::share()?.ln()).min(LONGEST_PAUSES);
        Ok(Duration::from_millis(self.show.pause_ms).mul_f64(means))
    }
}

/// Somebody who comes in, and stays for as long as the program runs.
pub(super) async fn attend(house: House, stream: String) -> anyhow::Result<()> {
    sleep(ENTRANCE.mul_f64(Dice::share()?)).await;
    loop {
        _ = house.watch(&stream).await;
        sleep(AGAIN).await;
    }
}

/// Most fly as they are.
fn style() -> anyhow::Result<Value> {
    if !Dice::is_one_in(3)? {
        return Ok(Value::Null);
    }
    Ok(json!({"mode": Dice::pick(&MODES)?, "color": Dice::pick(&COLORS)?}))
}
