import Octopi

/// What `pick` prints.
enum PickText {
  /// What would be done with files, how long it takes, how much memory and disk.
  static func plan(of job: PickFiles, loading: Double, on pool: JobThreads, _ console: Console) throws {
    let pace = job.segment.pace(on: pool)
    var table = Table([
      ("tomogram", .left), ("voxel size", .right), ("voxels", .right), ("windows", .right), ("time", .right), ("memory", .right), ("disk", .right),
    ])
    var files: [PythonValue] = [], total = pace == nil ? 0 : loading
    for planned in job.segment.files {
      let plan = try job.segment.plan(planned, on: pool), shape = planned.tomogram.shape, results = planned.file.results
      let time = planned.isKept ? 0 : pace?.seconds(plan, voxels: shape.count), disk = results.bytesAtMost(shape: shape, job.segment.networks.model)
      total += time ?? 0
      table.add(
        [planned.file.path, "\(planned.tomogram.spacing)", "\(shape.z) x \(shape.y) x \(shape.x)"]
          + (planned.isKept ? ["kept"] : [Units.count(plan.windows), DryRun.text(time), binarySize(plan.memory.totalBytes), "<= " + binarySize(disk)]))
      files.append([
        "file": .string(planned.file.path), "voxel_spacing": .float(planned.tomogram.spacing.angstrom), "kept": .bool(planned.isKept),
        "windows": .int(plan.windows), "seconds": time.map(PythonValue.float) ?? .null, "memory_bytes": .int(plan.memory.totalBytes), "disk_bytes_at_most": .int(disk),
        "outputs": .array((results.paths + job.paths(of: planned.file)).map(PythonValue.string)),
      ])
    }
    let objects = job.objects.map { "\($0.name) (label \($0.label), radius \(VoxelSpacing($0.radius)))" }
    console.result(table.text() + "objects: \(objects.joined(separator: ", "))\nin all \(DryRun.text(total)); nothing was written\n")
    console.document([
      "command": "pick", "dry_run": true, "files": .array(files), "objects": .array(job.objects.map { .string($0.name) }), "seconds": .float(total),
    ])
  }

  static func table(_ results: [PickFiles.FileResult], _ job: PickFiles, _ paths: [String]) -> String {
    var table = Table([("tomogram", .left)] + job.objects.map { ($0.name, .right) } + [("all", .right), ("time", .right)])
    for result in results {
      let counts = result.picks.map { $0.points.count }
      table.add([result.name] + counts.map(Units.count) + [Units.count(counts.reduce(0, +)), Units.duration(result.segmentation.seconds)])
    }
    let files = results.flatMap { $0.segmentation.file.results.paths + $0.paths } + paths
    return table.text() + "\n" + files.map { $0 + "\n" }.joined() + warpCommands(results, job)
  }

  /// Coordinates in voxels mean nothing without the size of the voxels.
  private static func warpCommands(_ results: [PickFiles.FileResult], _ job: PickFiles) -> String {
    guard job.request.star.flavour == .warp else { return "" }
    let commands = results.flatMap { result in
      result.paths.filter { $0.hasSuffix(".star") }.map { WarpCommand.reading($0, result.segmentation.spacing) }
    }
    return "WarpTools reads the STAR files with:\n" + commands.map { "  \($0)\n" }.joined()
  }

  static func document(_ summary: JobSummary<PickFiles.FileResult>, _ job: PickFiles, _ provenance: [String]) -> PythonValue {
    [
      "command": "pick", "made_by": .array(provenance.map(PythonValue.string)), "picks": .string("\(job.request.picks)"),
      "files": .array(summary.finished.map(document)),
      "failed": summary.failures(of: "file"), "untried": summary.leftOut,
    ]
  }

  private static func document(_ result: PickFiles.FileResult) -> PythonValue {
    let shape = result.segmentation.shape
    return [
      "file": .string(result.segmentation.file.path), "name": .string(result.name), "labels": .string(result.segmentation.file.results.labels),
      "shape": .array(shape.axes.map { .int($0) }), "voxel_spacing": .float(result.segmentation.spacing.angstrom),
      "seconds": .float(result.segmentation.seconds), "windows": result.segmentation.segmentation.map { .int($0.windows) } ?? .null,
      "objects": .array(
        zip(zip(result.picks, result.scores), result.paths).map { found, path in
          let (picks, scores) = found
          return [
            "object": .string(picks.object), "label": .int(picks.label), "picks": .int(picks.points.count),
            "mean_score": scores.mean.map(PythonValue.float) ?? .null, "below_min_score": .int(scores.dropped), "path": .string(path),
          ]
        }), "tables": .array(result.paths.dropFirst(result.picks.count).map(PythonValue.string)),
    ]
  }

  static func document(_ summary: JobSummary<LocalizeProject.RunResult>?, picks: PicksTarget, pictures: [String]) -> PythonValue {
    [
      "command": "pick", "picks": .string("\(picks)"),
      "runs": .array(
        (summary?.finished ?? []).map { run in
          [
            "run": .string(run.run),
            "objects": .array(
              run.picks.map { found in
                [
                  "object": .string(found.object), "picks": .int(found.count), "mean_score": found.meanScore.map(PythonValue.float) ?? .null,
                  "below_min_score": .int(found.dropped),
                ]
              }),
          ]
        }), "preview": .array(pictures.map(PythonValue.string)),
    ]
  }
}
