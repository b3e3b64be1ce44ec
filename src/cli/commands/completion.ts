/** `jackfield completion`: scripts for shells. They ask the program itself, so they never fall behind it. */
import { z } from 'zod';
import { type Command, command } from '../command.ts';

const scripts = {
  bash: `_jackfield() {
  local IFS=$'\\n'
  COMPREPLY=($(jackfield __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _jackfield jackfield
`,
  zsh: `#compdef jackfield
_jackfield() {
  local -a found
  found=("\${(@f)$(jackfield __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
if [[ "\${funcstack[1]}" == _jackfield ]]; then _jackfield "$@"; else compdef _jackfield jackfield; fi
`,
  fish: `function __jackfield_complete
  set -l found (jackfield __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c jackfield -f -a '(__jackfield_complete)'
`,
} as const;

const shells = ['bash', 'zsh', 'fish'] as const;

export const completionCommands: readonly Command[] = [
  command({
    name: 'completion',
    summary: 'Print a completion script for a shell',
    details:
      'For bash: eval "$(jackfield completion bash)". For zsh, after compinit: eval "$(jackfield completion zsh)", or the ' +
      'script as the file _jackfield in a folder of $fpath. For fish: jackfield completion fish | source.',
    arguments: [['<shell>', shells.join(', ')]],
    speaksTo: 'nobody',
    json: false,
    input: z.object({ shell: z.enum(shells, `must be one of ${shells.join(', ')}`) }),
    run: async ({ shell }, { terminal }) => terminal.write(scripts[shell]),
  }),
];
