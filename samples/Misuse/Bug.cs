namespace Misuse;

/// <summary>A mistake to make. The compiler's rules see none of them: each is spread over the book, the session and the table between them.</summary>
internal enum Bug
{
    None,

    /// <summary>An order that is cancelled after it was filled in part is taken out of the book, and not freed.</summary>
    Leak,

    /// <summary>Orders that were filled stay in the session's table; at the end of the day it frees all that it knows, and so does the book.</summary>
    DoubleFree,

    /// <summary>A note is written with a zero behind it, for which there is no room.</summary>
    Overrun,

    /// <summary>An order that was filled stays in the session's table; when its sender changes it, its memory is written to.</summary>
    UseAfterFree,
}
