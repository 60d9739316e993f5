// The page's WebRTC connections: all that it makes, and when it made the first. Where `withoutCandidates` is set, lines
// of the server's answer that it matches are left out, so that the browser never tries those ways.
window.connections = { all: [], firstAt: null };

window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...options) {
    super(...options);
    window.connections.firstAt ??= performance.now();
    window.connections.all.push(this);
  }

  setRemoteDescription(description) {
    const unwanted = window.withoutCandidates;
    if (!unwanted) return super.setRemoteDescription(description);
    const lines = description.sdp.split('\r\n').filter((line) => !unwanted.test(line));
    return super.setRemoteDescription({ type: description.type, sdp: lines.join('\r\n') });
  }
};

// Left out when the page's numbers are fetched as JSON: a connection has none.
Object.defineProperty(window.connections, 'all', { enumerable: false });

/** What the newest connection says of the picture; null where there is none. */
window.connections.statistics = async () => {
  const connection = window.connections.all.at(-1);
  if (!connection) return null;
  const reports = await connection.getStats();
  const told = { connections: window.connections.all.length };
  for (const report of reports.values()) {
    if (report.type === 'inbound-rtp' && report.kind === 'video') {
      const { framesDecoded: decoded, freezeCount: freezes, packetsLost: lost } = report;
      const size = `${report.frameWidth}x${report.frameHeight}`;
      Object.assign(told, { decoded, freezes, lost, size, codec: reports.get(report.codecId)?.mimeType });
    }
    if (report.type === 'outbound-rtp' && report.kind === 'video') told.keyframesAsked = report.pliCount;
    if (report.type === 'candidate-pair' && report.nominated) {
      told.protocol = reports.get(report.localCandidateId)?.protocol;
    }
  }
  return told;
};
