/**
 * A Redis client in pure TypeScript, without dependencies.
 *
 * {@linkcode connect} gives a {@linkcode Redis} with every command as a method,
 * pipelines, transactions, pub/sub and leases. Commands asked in one tick leave
 * in one write; what must not be executed twice is never sent twice.
 *
 * ```ts
 * import { connect } from "@sorrel/redis";
 *
 * await using redis = await connect("redis://localhost:6379");
 * await redis.set("greeting", "hello");
 * console.assert(await redis.get("greeting") === "hello");
 * ```
 *
 * @module
 */

// -- Opening --
export { connect, createPool, type SharedPool } from "./lib/connect.ts";
export { dial } from "./lib/net/tcp.ts";
export { fromStreams } from "./lib/net/streams.ts";
export type { BytePair, FromStreamsOptions } from "./lib/net/streams.ts";
export type {
  Address,
  Dial,
  TlsOptions,
  Transport,
} from "./lib/net/transport.ts";
export type { Backoff } from "./lib/connection/backoff.ts";
export type { ClientEvent } from "./lib/connection/events.ts";
export type { Credentials } from "./lib/connection/handshake.ts";
export type { Name } from "./lib/connection/names.ts";
export type { ClientOptions } from "./lib/client/options.ts";
export { fromUrl } from "./lib/client/url.ts";

// -- What users hold --
export {
  type IterOptions,
  Redis,
  type ScriptArguments,
  type WithOptions,
} from "./lib/client/redis.ts";
export { Leased } from "./lib/client/leased.ts";
export { Lock, type LockOptions } from "./lib/client/lock.ts";
export {
  Library,
  Script,
  type ScriptOptions,
  type ScriptSender,
} from "./lib/client/script.ts";
export { Pool } from "./lib/client/pool.ts";
export { type Build, Surface } from "./lib/client/surface.ts";
export {
  type ExecuteOptions,
  Pipeline,
  type PipelineOptions,
  type Results,
  type ResultsOrErrors,
} from "./lib/client/batch.ts";
export type { MonitorEntry } from "./lib/client/monitor.ts";
export type { Delivery, ReadGroupOptions } from "./lib/client/stream_reader.ts";
export { Watched, type WatchOptions } from "./lib/client/watch.ts";
export {
  type Gap,
  type Item,
  type Message,
  type Payloads,
  type Received,
  Subscription,
  type SubscriptionOptions,
} from "./lib/client/subscription.ts";
export type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  Engine,
  LeasedEngine,
  PooledEngine,
  ReadFrom,
  SubscriptionKind,
} from "./lib/client/engine.ts";

// -- Errors --
export {
  AuthenticationError,
  BatchError,
  ClosedError,
  ConnectionError,
  type ConnectionErrorOptions,
  LockError,
  PoolTimeoutError,
  ProtocolError,
  QueueFullError,
  RedisError,
  ReplyError,
  SlowReaderError,
  TimeoutError,
  UnexpectedReplyError,
  WatchError,
} from "./lib/errors.ts";

// -- The vocabulary --
export { Push } from "./lib/resp/reply.ts";
export type { Arg, Mode, Reply, Shape } from "./lib/resp/reply.ts";
export type { Command } from "./lib/connection/command.ts";
export { Commands } from "./lib/commands/commands.ts";
export { AclCommands } from "./lib/commands/acl.ts";
export type {
  AtLeastOne,
  AtMostOne,
  Entries,
  ExactlyOne,
  FlushMode,
  Limit,
  OneOrMany,
  Only,
  ScanOptions,
  Side,
} from "./lib/commands/arguments.ts";
export type { PointInTime } from "./lib/commands/option_words.ts";
export type {
  ExpireConditions,
  ExpireOptions,
  Expiry,
  ExpiryWays,
  NewExpiry,
  NewExpiryWays,
} from "./lib/commands/expiry.ts";
export type {
  CombineOptions,
  ScoredMember,
  Scores,
  ZaddCondition,
  ZaddConditions,
  ZaddIncrOptions,
  ZaddOptions,
} from "./lib/commands/scores.ts";
export {
  type ArgrepOptions,
  type ArrayBound,
  ArrayCommands,
  type ArrayOperation,
  type ArrayPredicate,
} from "./lib/commands/arrays.ts";
export {
  type BitFieldOperation,
  type BitGet,
  BitmapCommands,
  type BitOffset,
  type BitOperation,
  type BitType,
  type BitUnit,
} from "./lib/commands/bitmaps.ts";
export {
  ClusterCommands,
  type ClusterscanOptions,
  type SetslotOptions,
  type SlotMove,
  type SlotStatsFilter,
  type SlotStatsOrder,
} from "./lib/commands/cluster.ts";
export type {
  ClusterLink,
  ClusterMigration,
  ClusterShard,
  ClusterSlots,
  SentinelInfo,
  ShardNode,
  SlotMigration,
  SlotNode,
  SlotRange,
  SlotStats,
} from "./lib/commands/cluster_shapes.ts";
export {
  type ClientKillFilter,
  type ClientType,
  ConnectionCommands,
} from "./lib/commands/connection.ts";
export {
  FunctionCommands,
  type FunctionListOptions,
} from "./lib/commands/functions.ts";
export {
  type GeoaddConditions,
  type GeoaddOptions,
  type GeoArea,
  type GeoAround,
  GeoCommands,
  type GeoFound,
  type GeoLimit,
  type GeoMiddle,
  type GeoPlace,
  type GeoPolygon,
  type GeoSearch,
  type GeoStore,
  type GeoUnit,
  type GeoWith,
  type NoGeoStore,
  type NoGeoWith,
  type SomeGeoWith,
} from "./lib/commands/geo.ts";
export {
  type FieldExpiryOptions,
  HashFieldCommands,
  type HsetexConditions,
  type HsetexOptions,
} from "./lib/commands/hash_fields.ts";
export { HashCommands } from "./lib/commands/hashes.ts";
export { HyperLogLogCommands } from "./lib/commands/hyperloglog.ts";
export {
  type CommandListFilter,
  type CommandlogType,
  type HotkeysOptions,
  IntrospectionCommands,
} from "./lib/commands/introspection.ts";
export {
  type CopyOptions,
  KeyCommands,
  type KeyScanOptions,
  type SortOptions,
} from "./lib/commands/keys.ts";
export {
  ListCommands,
  type LposOptions,
  type MoveManyOptions,
  type MultiPopOptions,
} from "./lib/commands/lists.ts";
export {
  type MigrateAuth,
  type MigrateOptions,
  ObjectCommands,
  type RestoredUse,
  type RestoreOptions,
} from "./lib/commands/objects.ts";
export { PubSubCommands } from "./lib/commands/pubsub.ts";
export {
  type FailoverOptions,
  ReplicationCommands,
} from "./lib/commands/replication.ts";
export { ScriptCommands, type ScriptInput } from "./lib/commands/scripts.ts";
export { Sender } from "./lib/commands/sender.ts";
export { SentinelCommands } from "./lib/commands/sentinel.ts";
export {
  type LolwutOptions,
  type ModuleLoadexOptions,
  ServerCommands,
  type ShutdownOptions,
} from "./lib/commands/server.ts";
export type {
  AclLogEntry,
  AclUser,
  ArrayInfo,
  BackupStatus,
  CommandlogEntry,
  FunctionInfo,
  FunctionStats,
  HotkeysReport,
  LatencyEvent,
  LatencyHistogram,
  LatencySample,
  LibraryInfo,
  LibraryWithCode,
  MemoryStats,
  ModuleInfo,
  ReplicaState,
  Role,
  SlowlogEntry,
  TrackingInfo,
  VectorSetInfo,
} from "./lib/commands/server_shapes.ts";
export {
  type IntercardOptions,
  SetCommands,
  type UnioncardOptions,
} from "./lib/commands/sets.ts";
export type {
  GeoMatch,
  LcsMatch,
  LcsMatches,
  RawVector,
  Readings,
} from "./lib/commands/shapes.ts";
export {
  type LexBound,
  type LexRange,
  type RangeLimit,
  type RankRange,
  type ScoreBound,
  type ScoreRange,
  SortedSetRangeCommands,
  type WithoutScores,
  type WithScores,
} from "./lib/commands/sorted_set_ranges.ts";
export { SortedSetCommands } from "./lib/commands/sorted_sets.ts";
export {
  StreamGroupCommands,
  type XclaimOptions,
  type XclaimTime,
  type XgroupCreateOptions,
  type XnackOptions,
  type XpendingRange,
  type XreadgroupOptions,
} from "./lib/commands/stream_groups.ts";
export type {
  Autoclaimed,
  ConsumerInfo,
  FullConsumerInfo,
  FullGroupInfo,
  FullStreamInfo,
  GroupEntry,
  GroupInfo,
  PendingEntry,
  PendingSummary,
  StreamEntry,
  StreamInfo,
  StreamReadings,
} from "./lib/commands/stream_shapes.ts";
export {
  type RoughLength,
  StreamCommands,
  type StreamLength,
  type StreamReferences,
  type StreamTrim,
  type XaddOnce,
  type XaddOptions,
  type XcfgsetOptions,
  type XreadOptions,
  type XsetidOptions,
} from "./lib/commands/streams.ts";
export {
  type Comparisons,
  type IncrexOptions,
  type LcsOptions,
  type MsetexOptions,
  type PlainSetOptions,
  type SetConditions,
  type SetOptions,
  StringCommands,
} from "./lib/commands/strings.ts";
export type { Fields, Page } from "./lib/commands/parsers.ts";
export {
  type VaddOptions,
  type Vector,
  type VectorQuantization,
  VectorSetCommands,
  type VsimOptions,
  type VsimWith,
} from "./lib/commands/vector_sets.ts";

// -- The modules inside Redis 8 --
export {
  BloomCommands,
  type BloomGrowth,
  type BloomInfoField,
  type BloomInsertOptions,
} from "./lib/commands/modules/bloom.ts";
export {
  CountMinCommands,
  type CountMinMergeOptions,
} from "./lib/commands/modules/count_min.ts";
export {
  CuckooCommands,
  type CuckooInsertOptions,
  type CuckooOptions,
} from "./lib/commands/modules/cuckoo.ts";
export {
  JsonCommands,
  type JsonInput,
  type JsonPath,
  type JsonSetConditions,
  type JsonSetOptions,
  type JsonType,
  type JsonValue,
} from "./lib/commands/modules/json.ts";
export { ModuleCommands } from "./lib/commands/modules/module.ts";
export {
  type DropOptions,
  type ProfileOptions,
  SearchCommands,
} from "./lib/commands/modules/search.ts";
export {
  type AlterOptions,
  type ExplainOptions,
  SearchDictionaryCommands,
  type SpellcheckOptions,
  type SuggestionFilter,
  type SuggestOptions,
} from "./lib/commands/modules/search_dictionaries.ts";
export { LegacySearchCommands } from "./lib/commands/modules/search_legacy.ts";
export type {
  AggregateOptions,
  AggregateStep,
  ApplyStep,
  CursorOptions,
  FilterStep,
  GroupStep,
  Highlighting,
  HybridCombination,
  HybridOptions,
  HybridVectors,
  LimitStep,
  LoadStep,
  QueryOptions,
  Reducer,
  ScoreOptions,
  SearchOptions,
  SortOrder,
  SortStep,
  StepOf,
  Summary,
} from "./lib/commands/modules/search_options.ts";
export type {
  FieldOptions,
  GeoshapeField,
  IndexOptions,
  PlainField,
  Schema,
  SchemaField,
  SortableFieldOptions,
  TagField,
  TextField,
  VectorField,
  VectorFieldOptions,
} from "./lib/commands/modules/search_schema.ts";
export type {
  AggregateResults,
  ConfigHelp,
  CursorResults,
  HybridResults,
  IndexField,
  IndexInfo,
  Misspelling,
  Profile,
  SearchDocument,
  SearchResults,
  Suggestion,
} from "./lib/commands/modules/search_shapes.ts";
export type {
  Attributes,
  AttributeValue,
  DumpChunk,
} from "./lib/commands/modules/shapes.ts";
export {
  TDigestCommands,
  type TDigestMergeOptions,
  type TDigestOptions,
} from "./lib/commands/modules/tdigest.ts";
export { TimeSeriesCommands } from "./lib/commands/modules/time_series.ts";
export type {
  Aggregator,
  DuplicatePolicy,
  JoinedRangeOptions,
  LabelChoice,
  LatestOptions,
  Moment,
  MultiRangeOptions,
  ReadOptions,
  SampleFilter,
  SeriesAddOptions,
  SeriesAggregation,
  SeriesChangeOptions,
  SeriesChoice,
  SeriesGroup,
  SeriesIncrementOptions,
  SeriesOptions,
  SeriesRangeOptions,
  SeriesReducer,
  WideMultiRangeOptions,
  WideRangeOptions,
} from "./lib/commands/modules/time_series_options.ts";
export type {
  LatestSample,
  Sample,
  SeriesChunk,
  SeriesInfo,
  SeriesRule,
  SeriesSamples,
  WideSample,
} from "./lib/commands/modules/time_series_shapes.ts";
export {
  TopKCommands,
  type TopKDimensions,
} from "./lib/commands/modules/topk.ts";
