import CLibc
import HookLoader

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
