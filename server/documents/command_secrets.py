# Secrets that are words of a command of the store. functions/shared/mask-commands.ts does the same.
import re

# Behind AUTH these are the sentence around it: `AUTH failed`.
PROSE = (
    "and|but|by|called|cannot|command|denied|error|failed|failure|for|from|has|in|is|must|not|on|option|or|refused|rejected|required|returned"
    "|set|succeeded|timed|to|was|with|without|ERR|WRONGPASS"
)
WORD = r"(?!<\w+>|(?:%s)(?=[.,:;!?)\]]*(?:\s|$))|\\*[\"'`]?(?:AUTH2?|requirepass|masterauth)(?=[\s,\"'`]|$))(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\S+)" % PROSE
COMMAND = re.compile(
    r"((?:\bAUTH2?|(?i:[\"']auth2?|\b(?:requirepass|masterauth|auth-pass\s\S{1,80}|(?:redis|valkey)-cli\b.{0,200}?\s(?:-a|--pass))))"
    r"\\*[\"'`]?[\s,]{1,4})%s(?:[\s,]{1,4}%s)?" % (WORD, WORD)
)
# As clients of Node print a failed command.
ARGUMENTS = re.compile(r"(?i)\b((?:auth|config|acl|hello|migrate)[\"']?, ?[\"']?args[\"']?: ?)\[[^\]]*\]?")
# As an engine prints a command that it does not know.
BEGINNING = re.compile(r"(?i)(\bwith args beginning with:\s?)\S.*")
# `ACL SETUSER app on >password #hash ~*`.
RULES = re.compile(r"(?i)\bSETUSER\b.*")


def mask_commands(text):
    text = BEGINNING.sub(r"\1***", text)
    text = RULES.sub(lambda found: re.sub(r"([\s\"'][<>#!])[^\s\"']+", r"\1***", found.group(0)), text)
    return COMMAND.sub(r"\1***", ARGUMENTS.sub(r"\1***", text))
