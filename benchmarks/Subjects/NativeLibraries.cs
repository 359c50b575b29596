// The allocators written in C, called as cheaply as C# can: through unmanaged function pointers without a GC transition.
//
// Functions<TLibrary> binds a library when it is first used. Its pointers are static readonly fields of a generic class over
// a struct, which the JIT folds into immediate operands once the class is initialised: a call is then `call imm`.
//
// jemalloc and mimalloc keep thread state in static TLS and cannot be loaded late without
// GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384, which workers are started with.

using System.Globalization;
using System.Runtime.InteropServices;

namespace NativeHeap.Benchmarks.Subjects;

internal interface ILibrary
{
    static abstract string FileName { get; }

    /// <summary>What the names of its functions have before those of C.</summary>
    static abstract string Prefix { get; }

    /// <summary>The free that is told the block's size (and, last, flags that are zero here; who takes none ignores the register).</summary>
    static abstract string FreeSized { get; }

    /// <summary>The version that the loaded library reports of itself.</summary>
    static abstract string Version(nint library);
}

internal static unsafe class Functions<TLibrary>
    where TLibrary : struct, ILibrary
{
    public static readonly nint Library = NativeLibrary.Load(TLibrary.FileName);

    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, void*> Malloc =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, void*>)Export("malloc");

    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, nuint, void*> Calloc =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, nuint, void*>)Export("calloc");

    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint, void*> Realloc =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint, void*>)Export("realloc");

    /// <summary>Alignment, size: memalign, the one aligned allocation that all have and that returns the block.</summary>
    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, nuint, void*> AlignedAlloc =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, nuint, void*>)Export("memalign");

    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void> Free =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void>)Export("free");

    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint, int, void> FreeSized =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint, int, void>)NativeLibrary.GetExport(Library, TLibrary.FreeSized);

    public static string Version => TLibrary.Version(Library);

    private static nint Export(string function) => NativeLibrary.GetExport(Library, TLibrary.Prefix + function);
}

internal readonly struct Mimalloc : ILibrary
{
    public static string FileName => "libmimalloc.so.2";

    public static string Prefix => "mi_";

    public static string FreeSized => "mi_free_size";

    public static unsafe string Version(nint library)
    {
        int version = ((delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(library, "mi_version"))();
        return string.Create(CultureInfo.InvariantCulture, $"{version / 100}.{version / 10 % 10}.{version % 10}");
    }
}

internal readonly struct Jemalloc : ILibrary
{
    public static string FileName => "libjemalloc.so.2";

    public static string Prefix => string.Empty;

    public static string FreeSized => "sdallocx";

    public static unsafe string Version(nint library)
    {
        var mallctl = (delegate* unmanaged[Cdecl]<byte*, void*, nuint*, void*, nuint, int>)NativeLibrary.GetExport(library, "mallctl");
        byte* text = null;
        nuint size = (nuint)sizeof(byte*);
        fixed (byte* name = "version\0"u8)
        {
            return mallctl(name, &text, &size, null, 0) == 0 ? Marshal.PtrToStringUTF8((nint)text) ?? "unknown" : "unknown";
        }
    }
}

internal readonly struct Tcmalloc : ILibrary
{
    public static string FileName => "libtcmalloc_minimal.so.4";

    public static string Prefix => "tc_";

    public static string FreeSized => "tc_free_sized";

    public static unsafe string Version(nint library)
    {
        int major;
        int minor;
        byte* patch = null;
        var version = (delegate* unmanaged[Cdecl]<int*, int*, byte**, byte*>)NativeLibrary.GetExport(library, "tc_version");
        return Marshal.PtrToStringUTF8((nint)version(&major, &minor, &patch)) ?? "unknown";
    }
}
