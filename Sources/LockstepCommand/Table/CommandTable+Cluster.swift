import Genesis

extension CommandTable {
  /// Commands that make and run nodes.
  static let clusterCommands = [
    CommandRow(
      "genesis create",
      "makes the file from which all members of a new cluster are made",
      flags: [
        Flag("nodes", .text("LIST"), "the members: 1=HOST:PORT,2=…", isRequired: true),
        Flag("out", .text("FILE"), "the file to make", isRequired: true).abbreviated("o")
          .onCommandLineOnly(),
        Flag(
          "mode",
          .choice(["raft", "bft"]),
          "what members may do: crash, or with bft anything at all, fewer than a third of them",
          fallback: "raft"
        ),
        Flag("clients", .integer(1...GenesisKeys.clientsMax), "bft: how many clients get a key")
          .onCommandLineOnly(),
        Flag("keys", .text("FOLDER"), "bft: the folder to make for private keys, not FILE.keys")
          .onCommandLineOnly(),
      ],
      action: GenesisCommand.create
    ).explained(
      [
        "A member's PORT is where clients reach it. The other members reach it at PORT+1, or at "
          + "PEERPORT if it is written as ID=HOST:PORT/PEERPORT.",
        "Every file is the birth of another cluster: give the same file to all its members.",
        "With --mode bft there are 1, 4 or 7 members, and every member and client gets a key: the "
          + "file names the public ones, the folder holds the private ones, node-1.key to "
          + "client-1.key. Move each to its machine, and leave no copy.",
      ],
      examples: [
        "genesis create --nodes 1=10.0.0.1:7301,2=10.0.0.2:7301,3=10.0.0.3:7301 -o genesis.json"
      ]
    ),
    CommandRow(
      "server init",
      "makes the data directory of one member",
      flags: [
        Flag("genesis", .text("FILE"), "the file of genesis create, for a new cluster"),
        Flag("join", .text("URL"), "a cluster that runs and is to take the node in"),
        Flag("id", .integer(1...Int(UInt32.max)), "which member", isRequired: true),
        Flag("key", .text("FILE"), "in mode bft: the member's private key, of genesis create"),
        Flag("listen", .text("ADDRESS"), "with --join: HOST:PORT or HOST:PORT/PEERPORT"),
        Flag("replace", .integer(1...Int(UInt32.max)), "with --join: whose place it takes"),
        Flag("held", .toggle, "with --join: let it learn only, until it is promoted"),
        dataFlag,
      ],
      action: ServerCommand.initialize
    ).explained(
      [
        "With --genesis the node is one of those that the file names. With --join the directory "
          + "begins empty, and the cluster is asked to take the node in: start it, and it votes as "
          + "soon as it has caught up. A number is never used again, except by a node that "
          + "replaces itself after losing its disk: --replace with its own number."
      ],
      examples: [
        "server init --genesis genesis.json --id 1 --data /var/lib/lockstep",
        "server init --genesis bft.json --key keys/node-1.key --id 1 --data /var/lib/lockstep",
        "server init --join lockstep://10.0.0.1:7301/default --id 4 --listen 10.0.0.4:7301 "
          + "--data /var/lib/lockstep",
      ]
    ),
    CommandRow(
      "server start",
      "runs a node until SIGTERM; a leader then hands over first",
      flags: [
        dataFlag,
        Flag(
          "log-format",
          .choice(["auto", "human", "logfmt", "json"]),
          "the form of log lines, on standard error",
          fallback: "auto"
        ),
        Flag("listen-client", .text("HOST:PORT"), "listen there instead of where genesis says"),
        Flag("listen-peer", .text("HOST:PORT"), "the same for the other members"),
        Flag(
          "peer-address",
          .text("ID=HOST:PORT,..."),
          "dial these members there instead of where the cluster says, as through a tunnel"
        ),
        Flag(
          "readmission",
          .choice(["majority", "strict"]),
          "mode raft: who must say that the disk has lost nothing before this node counts; "
            + "strict is all, and who is led but has waited 30 s for one comes back as a new "
            + "member",
          fallback: "majority"
        ),
        Flag(
          "scrub-period",
          .duration,
          "everything on the disk is read once in this time to find rot; at most 8 MiB a second",
          fallback: "1h"
        ),
        Flag(
          "snapshot-after",
          .size,
          "the log is trimmed behind a snapshot when it has grown by so much, or by the newest "
            + "snapshot's size if that is more; 64KiB to 1024GiB",
          fallback: "256MiB"
        ),
        Flag(
          "when-refused",
          .choice(["return", "stop"]),
          "mode raft: when the others refuse the directory, come back as a new member, or end "
            + "with status 11",
          fallback: "return"
        ),
      ],
      action: ServerCommand.start
    ).explained(examples: [
      "server start --data /var/lib/lockstep --log-format json",
      "server start --data /var/lib/lockstep --peer-address 2=127.0.0.1:9002,3=127.0.0.1:9003",
    ]),
    CommandRow(
      "cluster status",
      "shows each node: role, term, commit and applied index",
      action: ClusterCommands.status
    ).explained(examples: ["cluster status", "cluster status -o json"]),
    CommandRow(
      "cluster transfer-leader",
      "hands leadership to a node, or to the most suitable one",
      arguments: [Argument("NODE", "a node's number", .optional)],
      action: ClusterCommands.transferLeader
    ).explained(examples: ["cluster transfer-leader 2"]),
    CommandRow(
      "outcome",
      "tells what became of a write whose answer never came, and settles it for ever",
      arguments: [
        Argument("SESSION", "as the error of the write named it"),
        Argument("SEQUENCE", "its number in the session"),
      ],
      action: ClusterCommands.outcome
    ).explained(examples: ["outcome 17 3"]),
  ]

  private static let dataFlag = Flag(
    "data",
    .text("DIR"),
    "the node's data directory",
    isRequired: true
  )
}
