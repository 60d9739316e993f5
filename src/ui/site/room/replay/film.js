// Where in a recording each moment of its stream is, and the other way round. It knows no player and no page.
// A recording has parts: `offset_ms` of the stream is `media_ms` of the film, for `duration_ms`. Between two parts the picture was
// away, and no time passes in the film.

export class Film {
  /** Of parts as the server tells them, the first one first. */
  constructor(parts) {
    this.parts = parts;
  }

  /** A picture from elsewhere: it is taken to have begun with its stream, and to have no holes. */
  static fromElsewhere() {
    return new Film([{ offset_ms: 0, media_ms: 0, duration_ms: Infinity }]);
  }

  /** The part that shows a moment; null in a hole. */
  partAt(ms) {
    return this.parts.find((part) => ms >= part.offset_ms && ms < end(part)) ?? null;
  }

  /** Whether nothing is shown any more from a moment on. */
  isOverAt(ms) {
    return this.parts.every((part) => ms >= end(part));
  }

  /** Where in the film a moment is, in milliseconds. In a hole the picture stands still: at the last that was seen, or the first. */
  mediaAt(ms) {
    const part = this.parts.findLast(({ offset_ms: begins }) => begins <= ms);
    if (!part) return this.parts[0]?.media_ms ?? 0;
    return part.media_ms + Math.min(ms - part.offset_ms, Math.max(0, part.duration_ms - LAST_PICTURE_MS));
  }

  /** The moment that is shown where a part of the film is at `mediaMs`: its end at the latest. */
  momentOf(part, mediaMs) {
    return Math.min(end(part), Math.max(part.offset_ms, part.offset_ms + mediaMs - part.media_ms));
  }

  /** The next part that begins after a moment and until another; null where none does. */
  nextPart(after, until) {
    return this.parts.find(({ offset_ms: begins }) => begins > after && begins <= until) ?? null;
  }
}

// So far before the end of a part its last picture is shown for certain.
const LAST_PICTURE_MS = 100;

/** The moment from which on a part shows nothing more. */
export const end = ({ offset_ms: begins, duration_ms: lasts }) => begins + lasts;
