// The types that `livehouse` says and those of the server's own document: what the server sends must fit what the client promises.
import type * as Client from 'livehouse';
import type { components } from './api.js';

type Server = components['schemas'];
type Event = Server['LogEvent'];

/** An error where `From` does not fit `To`. */
type Fits<From extends To, To> = From;

export type Checked = [
  Fits<Server['CommentView'], Client.Comment>,
  Fits<Server['StreamView'], Client.Stream>,
  Fits<Server['You'], Client.You>,
  Fits<Server['YouFrame'], Client.YouFrame>,
  Fits<Server['WelcomeFrame'], Client.WelcomeFrame>,
  Fits<Server['SnapshotFrame'], Client.SnapshotFrame>,
  Fits<Server['ResumedFrame'], Client.ResumedFrame>,
  Fits<Server['PulseFrame'], Client.PulseFrame>,
  Fits<Server['PictureFrame'], Client.PictureFrame>,
  Fits<Server['IngestFrame'], Client.IngestFrame>,
  Fits<Server['QueueFrame'], Client.QueueFrame>,
  Fits<Server['HeldFrame'], Client.HeldFrame>,
  Fits<Server['ErrorFrame'], Client.ErrorFrame>,
  Fits<Server['LaggedFrame'], Client.LaggedFrame>,
  Fits<Server['ByeFrame'], Client.ByeFrame>,
  Fits<Event, Client.LogEvent>,
  // And all that the server has is known to the client.
  Fits<Event['type'], Client.LogEvent['type']>,
  Fits<Client.LogEvent['type'], Event['type']>,
  Fits<Server['Code'], Client.Code>,
  Fits<Client.Code, Server['Code']>,
  Fits<Server['Right'], Client.Right>,
  Fits<Server['ReactionKind'], Client.ReactionKind>,
  Fits<Client.ReactionKind, Server['ReactionKind']>,
  Fits<Exclude<Server['ServerFrame']['type'], Event['type']>, keyof Client.RoomEvents | 'ack' | 'pong' | 'token.expiring'>,
];
