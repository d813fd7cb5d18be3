// Runs the real program as a child process: the binary that was built beside the running test bundle.
// Output goes to files, not pipes, so that no child ever waits for a reader; wait4 gives its peak memory.

import Foundation
import Glibc
import Testing

/// What a run of a program left behind.
struct ProgramRun {
  /// The exit code, or minus the signal that ended the process.
  let status: Int32
  /// What it wrote to standard output.
  let output: [UInt8]
  /// What it wrote to standard error.
  let errors: String
  /// Its largest resident size.
  let peakMegabytes: Int

  /// Standard output as text.
  var text: String { String(decoding: output, as: UTF8.self) }
}

/// Where a child's standard output goes.
enum OutputTarget {
  /// To `ProgramRun.output`.
  case captured
  /// To a file or device that exists.
  case file(String)
  /// Into a pipe that nobody reads.
  case closedPipe
}

/// The program under test and other programs.
enum MatchProgram {
  /// The binary beside the running test executable.
  static func path() throws -> String {
    let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(fileURLWithPath: executable).deletingLastPathComponent().appendingPathComponent("match")
      .path
    try #require(
      FileManager.default.isExecutableFile(atPath: path), "\(path): build the product 'match' first")
    return path
  }

  /// Runs `executable` (default: the program under test) in `folder` and waits for it.
  ///
  /// A run that takes longer than `limit` seconds is ended and reported as an issue.
  static func run(
    _ arguments: [String], in folder: String, executable: String? = nil, keepsEnvironment: Bool = true,
    output: OutputTarget = .captured, limit: Double = 60
  ) throws -> ProgramRun {
    let executable = try executable ?? path()
    let (outputFile, errorFile) = (try unnamedFile(), try unnamedFile())
    let target: Int32
    switch output {
    case .captured: target = fcntl(outputFile, F_DUPFD_CLOEXEC, 3)
    case .file(let path): target = open(path, O_WRONLY | O_CLOEXEC)
    case .closedPipe: target = try pipeWithoutReader()
    }
    try #require(target >= 0)
    let process = try spawn(
      [executable] + arguments, folder, keepsEnvironment: keepsEnvironment, target, errorFile)
    close(target)
    let (status, usage) = wait(for: process, limit: limit)
    return ProgramRun(
      status: status, output: contents(outputFile),
      errors: String(decoding: contents(errorFile), as: UTF8.self),
      peakMegabytes: usage.ru_maxrss / 1000)
  }

  /// `env` changes to the folder and then becomes the program, so the process is the program's own.
  private static func spawn(
    _ command: [String], _ folder: String, keepsEnvironment: Bool, _ output: Int32, _ errors: Int32
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
    let arguments = ["env", "-C", folder] + (keepsEnvironment ? [] : ["-i"]) + command
    var words = arguments.map { strdup($0) } + [nil]
    var variables = environment.map { strdup($0) } + [nil]
    defer { for text in words + variables { free(text) } }
    var process: pid_t = 0
    let failure = posix_spawn(&process, "/usr/bin/env", &actions, nil, &words, &variables)
    try #require(failure == 0, "env does not start: \(String(cString: strerror(failure)))")
    return process
  }

  /// The exit code (or minus the signal), and what the run took.
  private static func wait(for process: pid_t, limit: Double) -> (status: Int32, usage: rusage) {
    let end = ContinuousClock.now + .seconds(limit)
    var (state, usage): (Int32, rusage) = (0, rusage())
    while wait4(process, &state, WNOHANG, &usage) == 0 {
      if ContinuousClock.now > end {
        kill(process, SIGKILL)
        Issue.record("the program was ended after \(limit) s")
        wait4(process, &state, 0, &usage)
        break
      }
      usleep(2000)
    }
    let signal = state & 0x7F
    return (signal == 0 ? state >> 8 & 0xFF : -signal, usage)
  }

  /// A file without a name, which goes with its descriptor.
  private static func unnamedFile() throws -> Int32 {
    let path = FileManager.default.temporaryDirectory.path + "/match-output-\(UUID().uuidString)"
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    unlink(path)
    return descriptor
  }

  /// The writing end of a pipe. Made by name, because then no child started meanwhile can inherit the other end.
  private static func pipeWithoutReader() throws -> Int32 {
    let path = FileManager.default.temporaryDirectory.path + "/match-pipe-\(UUID().uuidString)"
    try #require(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    let writer = open(path, O_WRONLY | O_CLOEXEC)
    close(reader)
    return writer
  }

  private static func contents(_ descriptor: Int32) -> [UInt8] {
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try? handle.seek(toOffset: 0)
    return (try? handle.readToEnd()).map { Array($0) } ?? []
  }
}
