package org.hikyaku.deliver;

/**
 * THE table of exit codes of programs that take mail, by sysexits.h. Only what a program says on purpose of the message or the
 * recipient is final; what looks like a slip of the program or its operator (usage, configuration, a shell that finds no
 * command, a plain 1) lets the message wait until somebody has looked.
 */
enum ExitCode {
    EX_DATAERR(65, FailurePolicy.PROGRAM_REFUSES_CONTENT),
    EX_NOUSER(67, FailurePolicy.MAILBOX_UNKNOWN),
    EX_NOHOST(68, FailurePolicy.NO_SUCH_DOMAIN),
    EX_UNAVAILABLE(69, FailurePolicy.PROGRAM_UNAVAILABLE),
    EX_NOPERM(77, FailurePolicy.PROGRAM_REFUSES),
    EX_USAGE(64, FailurePolicy.PROGRAM_UNUSABLE),
    EX_CONFIG(78, FailurePolicy.PROGRAM_UNUSABLE),
    SH_NOT_EXECUTABLE(126, FailurePolicy.PROGRAM_UNUSABLE),
    SH_NOT_FOUND(127, FailurePolicy.PROGRAM_UNUSABLE);

    private final int code;
    private final FailurePolicy row;

    ExitCode(int code, FailurePolicy row) {
        this.code = code;
        this.row = row;
    }

    /** What a code that is not 0 means. */
    static FailurePolicy row(int code) {
        for (ExitCode each : values()) {
            if (each.code == code) {
                return each.row;
            }
        }
        return FailurePolicy.PROGRAM_FAILED;
    }
}
