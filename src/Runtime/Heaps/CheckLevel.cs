namespace NativeHeap;

/// <summary>How closely it is watched whether memory is used as it should be.</summary>
public enum CheckLevel
{
    /// <summary>What costs nothing.</summary>
    Off,

    /// <summary>Every return is checked at once: what was returned before is known for ever, since nothing is recycled.</summary>
    Basic,
}
