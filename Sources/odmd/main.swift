import CLibc
import Daemon

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
