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

    static abstract string Malloc { get; }

    static abstract string Free { get; }

    /// <summary>The free that is told the block's size (and, last, flags that are zero here; who takes none ignores the register).</summary>
    static abstract string FreeSized { get; }

    /// <summary>The allocation with an alignment.</summary>
    static abstract string AllocAligned { get; }

    /// <summary>Whether the size comes before the alignment.</summary>
    static abstract bool SizeComesFirst { get; }

    /// <summary>The version that the loaded library reports of itself.</summary>
    static abstract string Version(nint library);
}

internal static unsafe class Functions<TLibrary>
    where TLibrary : struct, ILibrary
{
    public static readonly nint Library = NativeLibrary.Load(TLibrary.FileName);

    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, void*> Malloc =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, void*>)NativeLibrary.GetExport(Library, TLibrary.Malloc);

    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void> Free =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, void>)NativeLibrary.GetExport(Library, TLibrary.Free);

    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint, int, void> FreeSized =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<void*, nuint, int, void>)NativeLibrary.GetExport(Library, TLibrary.FreeSized);

    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, nuint, void*> AllocAligned =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nuint, nuint, void*>)NativeLibrary.GetExport(Library, TLibrary.AllocAligned);

    public static string Version => TLibrary.Version(Library);
}

internal readonly struct Mimalloc : ILibrary
{
    public static string FileName => "libmimalloc.so.2";

    public static string Malloc => "mi_malloc";

    public static string Free => "mi_free";

    public static string FreeSized => "mi_free_size";

    public static string AllocAligned => "mi_malloc_aligned";

    public static bool SizeComesFirst => true;

    public static unsafe string Version(nint library)
    {
        int version = ((delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(library, "mi_version"))();
        return string.Create(CultureInfo.InvariantCulture, $"{version / 100}.{version / 10 % 10}.{version % 10}");
    }
}

internal readonly struct Jemalloc : ILibrary
{
    public static string FileName => "libjemalloc.so.2";

    public static string Malloc => "malloc";

    public static string Free => "free";

    public static string FreeSized => "sdallocx";

    public static string AllocAligned => "aligned_alloc";

    public static bool SizeComesFirst => false;

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

    public static string Malloc => "tc_malloc";

    public static string Free => "tc_free";

    public static string FreeSized => "tc_free_sized";

    public static string AllocAligned => "tc_memalign";

    public static bool SizeComesFirst => false;

    public static unsafe string Version(nint library)
    {
        int major;
        int minor;
        byte* patch = null;
        var version = (delegate* unmanaged[Cdecl]<int*, int*, byte**, byte*>)NativeLibrary.GetExport(library, "tc_version");
        return Marshal.PtrToStringUTF8((nint)version(&major, &minor, &patch)) ?? "unknown";
    }
}
