"""Runs a program on its own terminal: terminal.py COLUMNS PROGRAM ARGUMENT...

Writes the program's output to stdout. Stdin is what is typed. Its end closes the terminal, as closing its window does. Exits with the
program's exit code, or with 128 plus the number of the signal that ended it.
"""

import fcntl
import os
import select
import signal
import struct
import sys
import termios


def start(columns, command):
    master, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        for stream in (0, 1, 2):
            os.dup2(terminal, stream)
        os.closerange(3, 256)
        os.execvp(command[0], command)
    os.close(terminal)
    return pid, master


def forward(master):
    """Copies the terminal's output to stdout until stdin or the program ends."""
    while True:
        readable, _, _ = select.select([master, 0], [], [])
        if 0 in readable:
            typed = os.read(0, 4096)
            if typed == b"":
                return
            os.write(master, typed)
        if master in readable:
            try:
                written = os.read(master, 65536)
            except OSError:
                return
            os.write(1, written)


pid, master = start(int(sys.argv[1]), sys.argv[2:])
signal.signal(signal.SIGTERM, lambda *_: os.kill(pid, signal.SIGKILL))
forward(master)
os.close(master)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(code if code >= 0 else 128 - code)
